-- What notify knows (projections of other services' streams), what it plans, what it sent, what came back.

CREATE TABLE programme (
    programme_id text PRIMARY KEY,
    key text,
    revision int,
    issuer_unit_id text,
    issuer_path text,
    policy jsonb,
    published_at timestamptz,
    version int
);
CREATE INDEX ON programme (key);

CREATE TABLE cell (
    cell_id text PRIMARY KEY,
    parent_cell_id text,
    programme_id text,
    policy_key text,
    project text,
    cohort text,
    unit_id text,
    unit_path text,
    places int,
    since timestamptz,
    version int
);
CREATE INDEX ON cell (programme_id, cohort);
CREATE INDEX ON cell (unit_id);

-- Columns are nullable because a row is filled by the events of its stream; the first one fills all that a stream owes.
CREATE TABLE place (
    place_id text PRIMARY KEY,
    person_id text,
    programme_id text,
    policy_key text,
    project text,
    cohort text,
    unit_id text,
    unit_path text,
    class_id text,
    institution_id text,
    institution_path text,
    selected_at timestamptz,
    assigned_at timestamptz,
    checked_in_at timestamptz,
    excused_at timestamptz,
    dropout_at timestamptz,
    completed_at timestamptz,
    revoked_at timestamptz,
    version int
);
CREATE INDEX ON place (class_id) WHERE class_id IS NOT NULL;
CREATE INDEX ON place (programme_id, cohort, unit_path text_pattern_ops);

CREATE TABLE class (
    class_id text PRIMARY KEY,
    programme_id text,
    policy_key text,
    project text,
    cohort text,
    institution_id text,
    institution_path text,
    name_zh text,
    name_en text,
    period int,
    address text,
    starts_on date,
    ends_on date,
    checkin_opens_at timestamptz,
    checkin_closes_at timestamptz,
    date_version int,
    cause text,
    scheduled_at timestamptz,
    opened_at timestamptz,
    opened_version int,
    rescheduled_at timestamptz,
    cancelled_at timestamptz,
    checkin_closed_at timestamptz,
    ended_at timestamptz,
    version int
);

-- Every announced version of a class's dates, so that a moved date never stands alone.
CREATE TABLE class_date (
    class_id text NOT NULL,
    date_version int NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    address text NOT NULL,
    PRIMARY KEY (class_id, date_version)
);

CREATE TABLE document (
    document_id text PRIMARY KEY,
    document text,
    programme_id text,
    policy_key text,
    project text,
    class_id text,
    institution_id text,
    institution_path text,
    submitted_at timestamptz,
    due_at timestamptz,
    on_time boolean,
    version int
);
CREATE INDEX ON document (class_id) WHERE class_id IS NOT NULL;

CREATE TABLE entry (
    entry_id text PRIMARY KEY,
    person_id text,
    place_id text,
    class_id text,
    cause text,
    policy_key text,
    unit_id text,
    unit_path text,
    proposed_at timestamptz,
    evidence jsonb,
    reply_until timestamptz,
    replied_at timestamptz,
    confirmed_at timestamptz,
    ranges jsonb,
    quashed_at timestamptz,
    version int
);
CREATE INDEX ON entry (class_id);

-- One row per thing that reminders are about. Its lock puts the planners of that thing in a line.
CREATE TABLE subject (
    kind text NOT NULL CHECK (kind IN ('cell', 'class', 'document', 'entry', 'place')),
    id text NOT NULL,
    open boolean NOT NULL DEFAULT true,
    PRIMARY KEY (kind, id)
);
CREATE INDEX ON subject (kind, id) WHERE open;

-- The ledger: one row per message, planned or past. message_id is derived from the natural key (planning/domain/rows.py),
-- so the primary key is the natural key's uniqueness. queue_at is null once a row has left the queue.
CREATE TABLE reminder (
    message_id text PRIMARY KEY,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    recipient_kind text NOT NULL CHECK (recipient_kind IN ('person', 'unit', 'office')),
    recipient_id text NOT NULL,
    kind text NOT NULL,
    occurrence text NOT NULL,
    version int NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'call_list')),
    policy_key text NOT NULL,
    template text NOT NULL,
    person_id text,
    unit_id text,
    place_id text,
    class_id text,
    entry_id text,
    unit_path text,
    institution_path text,
    announced date,
    previous date,
    due_at timestamptz NOT NULL,
    queue_at timestamptz,
    latest_useful timestamptz,
    only_if text CHECK (only_if = 'no_receipt'),
    gather text,
    proof boolean NOT NULL DEFAULT false,
    invitation boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('planned', 'sending', 'accepted', 'delivered', 'failed', 'in_doubt', 'unreachable',
                                         'too_late', 'withdrawn', 'not_needed', 'merged', 'listed')),
    reason text,
    merged_into text,
    stream_version int NOT NULL DEFAULT 0,
    lease_token text,
    lease_until timestamptz,
    attempt_id text,
    tries int NOT NULL DEFAULT 0,
    retry_at timestamptz,
    planned_at timestamptz NOT NULL,
    settled_at timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX reminder_queue ON reminder (queue_at) WHERE queue_at IS NOT NULL;
CREATE INDEX reminder_subject ON reminder (subject_id);
CREATE INDEX reminder_merged ON reminder (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX reminder_person ON reminder (person_id) WHERE person_id IS NOT NULL;

-- Written and committed before the call, so that a crash leaves a trace: the write-ahead log of sending.
CREATE TABLE attempt (
    attempt_id text PRIMARY KEY,
    message_id text NOT NULL,
    channel text NOT NULL,
    person_id text,
    unit_path text,
    institution_path text,
    address text NOT NULL,
    title text,
    body text NOT NULL,
    parts int,
    state text NOT NULL CHECK (state IN ('calling', 'accepted', 'rejected', 'deferred', 'in_doubt', 'lost')),
    lease_until timestamptz,
    provider_ref text,
    code text,
    settled_by text,
    called_at timestamptz NOT NULL,
    called_on timestamptz NOT NULL DEFAULT clock_timestamp(),
    answered_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX ON attempt (message_id);
CREATE INDEX attempt_open ON attempt (channel, lease_until) WHERE state IN ('calling', 'in_doubt');

-- Receipts as they came, without the phone number; one that beats our own write or is of an unknown attempt is kept.
CREATE TABLE receipt (
    receipt_id bigserial PRIMARY KEY,
    out_id text NOT NULL,
    delivered boolean NOT NULL,
    code text NOT NULL,
    reported_at timestamptz,
    known boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (out_id, delivered, code)
);

-- One row per nightly sweep; drift other than 0 means that an event was lost or a plan is not a function of the facts.
CREATE TABLE sweep (
    day date PRIMARY KEY,
    subjects int NOT NULL,
    drift int NOT NULL,
    ran_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE place ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempt ENABLE ROW LEVEL SECURITY;

CREATE POLICY writes ON place TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON entry TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON reminder TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON attempt TO :writer USING (true) WITH CHECK (true);

CREATE POLICY reads ON place FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON entry FOR SELECT TO :reader USING (in_scope(unit_path, NULL, person_id));
CREATE POLICY reads ON reminder FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON attempt FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON
    programme, cell, place, class, class_date, document, entry, subject, reminder, attempt, receipt, sweep TO :writer;
GRANT USAGE, SELECT ON SEQUENCE receipt_receipt_id_seq TO :writer;
GRANT SELECT ON programme, cell, place, class, class_date, document, entry, reminder, attempt TO :reader;
