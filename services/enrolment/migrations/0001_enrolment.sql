-- Units' contacts, programmes, quota, people, places, imports and the projection of standing.

CREATE TABLE unit_contact (
    unit_id text PRIMARY KEY REFERENCES unit,
    unit_path text NOT NULL,
    institution_path text,
    person_id text,
    name text NOT NULL,
    email text,
    phone text,
    updated_at timestamptz NOT NULL,
    CHECK (email IS NOT NULL OR phone IS NOT NULL)
);

CREATE TABLE programme (
    programme_id text PRIMARY KEY,
    key text NOT NULL UNIQUE,
    revision int NOT NULL,
    year int NOT NULL,
    issuer_unit_id text NOT NULL REFERENCES unit,
    issuer_path text NOT NULL,
    sha256 text NOT NULL,
    source text NOT NULL,
    policy jsonb NOT NULL,
    drafted_at timestamptz NOT NULL,
    published_at timestamptz,
    version int NOT NULL DEFAULT 0
);

CREATE TABLE quota_cell (
    cell_id text PRIMARY KEY,
    parent_cell_id text REFERENCES quota_cell,
    programme_id text NOT NULL REFERENCES programme,
    policy_key text NOT NULL,
    project text NOT NULL,
    cohort text NOT NULL,
    unit_id text NOT NULL REFERENCES unit,
    unit_path text NOT NULL,
    places int NOT NULL CHECK (places >= 0),
    synthetic boolean NOT NULL DEFAULT false,
    version int NOT NULL,
    UNIQUE (programme_id, cohort, unit_id)
);
CREATE INDEX ON quota_cell (parent_cell_id);

-- person, place and import_row carry no foreign keys: a roster of 10,000 rows would pay for each row's look-up, and the
-- commands that write them hold the referenced rows already.
CREATE TABLE person (
    person_id text PRIMARY KEY,
    unit_id text NOT NULL,
    unit_path text NOT NULL,
    name text NOT NULL,
    id_hash text NOT NULL UNIQUE,
    id_sealed text NOT NULL,
    id_last4 text NOT NULL,
    born_on date NOT NULL,
    phone text,
    email text,
    teaching_since date,
    marks text[] NOT NULL DEFAULT '{}',
    roles text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL
);
CREATE INDEX ON person (unit_id);

CREATE TABLE place (
    place_id text PRIMARY KEY,
    version int NOT NULL,
    person_id text NOT NULL,
    programme_id text NOT NULL,
    policy_key text NOT NULL,
    project text NOT NULL,
    cohort text NOT NULL,
    cohort_kind text NOT NULL,
    plan_level text NOT NULL,
    forms text[] NOT NULL,
    unit_id text NOT NULL,
    unit_path text NOT NULL,
    selected_at timestamptz NOT NULL,
    met_every_condition boolean NOT NULL,
    overridden text[] NOT NULL,
    registered_at timestamptz,
    class_id text,
    institution_id text,
    institution_path text,
    checked_in_at timestamptz,
    checkin_method text,
    excused_at timestamptz,
    excuse_reason text,
    expected_at timestamptz,
    dropout_at timestamptz,
    dropout_cause text,
    completed_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
CREATE UNIQUE INDEX place_one_per_cohort ON place (programme_id, cohort, person_id) WHERE revoked_at IS NULL;
CREATE INDEX place_of_cell ON place (programme_id, cohort, unit_id) WHERE revoked_at IS NULL;
CREATE INDEX place_of_person ON place (person_id);
CREATE INDEX place_of_class ON place (class_id) WHERE class_id IS NOT NULL;

-- Who passed which condition "in principle", and why (recorded, shown to superiors and to the person).
CREATE TABLE place_override (
    place_id text NOT NULL REFERENCES place,
    condition text NOT NULL,
    person_id text NOT NULL,
    unit_path text NOT NULL,
    institution_path text,
    reason text NOT NULL,
    overridden_by text NOT NULL,
    overridden_at timestamptz NOT NULL,
    PRIMARY KEY (place_id, condition)
);

-- What confirmed ban entries bar, as blacklist computed it. Half-open: [starts_on, ends_before).
CREATE TABLE standing_range (
    entry_id text NOT NULL,
    position int NOT NULL,
    person_id text NOT NULL,
    unit_path text NOT NULL,
    institution_path text,
    plan_levels text[] NOT NULL,
    forms text[] NOT NULL,
    starts_on date NOT NULL,
    ends_before date NOT NULL,
    force text NOT NULL,
    PRIMARY KEY (entry_id, position)
);
CREATE INDEX ON standing_range (person_id);

CREATE TABLE import_job (
    job_id text PRIMARY KEY,
    programme_id text NOT NULL REFERENCES programme,
    project text NOT NULL,
    cohort text NOT NULL,
    unit_id text NOT NULL REFERENCES unit,
    unit_path text NOT NULL,
    institution_path text,
    person_id text,
    file_name text NOT NULL,
    content bytea,
    status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
    problem text,
    problem_vars jsonb NOT NULL DEFAULT '{}',
    uploaded_by text NOT NULL,
    uploaded_by_name text NOT NULL,
    correlation_id text NOT NULL,
    traceparent text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    finished_at timestamptz,
    seconds double precision,
    rows_total int,
    header_row int,
    attempts int NOT NULL DEFAULT 0,
    failures int NOT NULL DEFAULT 0,
    lease_token text,
    lease_until timestamptz
);
CREATE INDEX import_job_open ON import_job (uploaded_at) WHERE status IN ('queued', 'running');
CREATE INDEX import_job_list ON import_job (programme_id, cohort, uploaded_at);

-- One row per row of the file, with the file's own row number; the words shown are made from code and vars.
CREATE TABLE import_row (
    job_id text NOT NULL,
    row int NOT NULL,
    unit_path text NOT NULL,
    institution_path text,
    person_id text,
    name text,
    outcome text NOT NULL CHECK (outcome IN ('selected', 'already', 'refused', 'error')),
    place_id text,
    findings jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (job_id, row)
);

ALTER TABLE unit_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE place ENABLE ROW LEVEL SECURITY;
ALTER TABLE place_override ENABLE ROW LEVEL SECURITY;
ALTER TABLE standing_range ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_job ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_row ENABLE ROW LEVEL SECURITY;

CREATE POLICY writes ON unit_contact TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON person TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON place TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON place_override TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON standing_range TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON import_job TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON import_row TO :writer USING (true) WITH CHECK (true);

CREATE POLICY reads ON unit_contact FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON place FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON place_override FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON standing_range FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON import_job FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON import_row FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
-- An institution sees the people who hold a place with it: the places seen here are already filtered by their own policy.
CREATE POLICY reads ON person FOR SELECT TO :reader USING (
    in_scope(unit_path, NULL, person_id) OR EXISTS (SELECT FROM place p WHERE p.person_id = person.person_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    unit_contact, programme, quota_cell, person, place, place_override, standing_range, import_job, import_row TO :writer;
GRANT SELECT ON
    unit_contact, programme, quota_cell, place, place_override, standing_range, import_job, import_row TO :reader;
-- The sealed ID and its hash are not for reading, whatever the scope.
GRANT SELECT (person_id, unit_id, unit_path, name, id_last4, born_on, phone, email, teaching_since, marks, roles)
    ON person TO :reader;
