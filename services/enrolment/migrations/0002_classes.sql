-- Classes, their staff, check-in codes, written statements, files and documents.

-- A class holds no personal data; who takes part stands in place, who runs it in class_staff.
CREATE TABLE class (
    class_id text PRIMARY KEY,
    version int NOT NULL,
    status text NOT NULL CHECK (status IN ('scheduled', 'open', 'checkin_closed', 'ended', 'cancelled')),
    programme_id text NOT NULL REFERENCES programme,
    policy_key text NOT NULL,
    project text NOT NULL,
    cohort text NOT NULL,
    plan_level text NOT NULL,
    forms text[] NOT NULL,
    institution_id text NOT NULL REFERENCES unit,
    institution_path text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    period int NOT NULL CHECK (period BETWEEN 1 AND 99),
    theme text NOT NULL,
    address text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    checkin_opens_at timestamptz NOT NULL,
    checkin_closes_at timestamptz NOT NULL CHECK (checkin_closes_at > checkin_opens_at),
    date_version int NOT NULL,
    previous_starts_on date,
    change_cause text,
    scheduled_at timestamptz NOT NULL,
    opened_at timestamptz,
    rescheduled_at timestamptz,
    closed_at timestamptz,
    ended_at timestamptz,
    cancelled_at timestamptz,
    extension text
);
CREATE UNIQUE INDEX class_one_per_period ON class (programme_id, cohort, institution_id, period) WHERE status <> 'cancelled';
CREATE INDEX class_list ON class (starts_on, class_id);

-- Every announced version of the dates: a moved date never stands alone.
CREATE TABLE class_date (
    class_id text NOT NULL REFERENCES class,
    date_version int NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    address text NOT NULL,
    cause text,
    announced_at timestamptz NOT NULL,
    announced_by text NOT NULL,
    PRIMARY KEY (class_id, date_version)
);

CREATE TABLE class_staff (
    class_id text NOT NULL REFERENCES class,
    role text NOT NULL,
    position int NOT NULL,
    unit_path text NOT NULL,
    institution_path text NOT NULL,
    person_id text,
    name text NOT NULL,
    phone text,
    PRIMARY KEY (class_id, role, position)
);

-- The code that a place's holder shows at check-in. A place that gets another class gets another code.
CREATE TABLE checkin_code (
    place_id text PRIMARY KEY REFERENCES place,
    class_id text NOT NULL REFERENCES class,
    code text NOT NULL,
    person_id text NOT NULL,
    unit_path text NOT NULL,
    institution_path text NOT NULL,
    UNIQUE (class_id, code)
);
CREATE INDEX ON checkin_code (code);

-- What was written about one place: why somebody was checked in by hand, excused, dismissed, not completed.
-- Events carry the id only.
CREATE TABLE statement (
    statement_id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('by_hand', 'excuse', 'dismissal', 'closing_record')),
    place_id text NOT NULL REFERENCES place,
    class_id text NOT NULL REFERENCES class,
    person_id text NOT NULL,
    unit_path text NOT NULL,
    institution_path text NOT NULL,
    text text NOT NULL,
    written_at timestamptz NOT NULL,
    written_by text NOT NULL
);
CREATE INDEX ON statement (place_id);

CREATE TABLE file (
    file_id text PRIMARY KEY,
    sha256 text NOT NULL,
    size int NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    stored_at timestamptz NOT NULL
);
ALTER TABLE file ALTER COLUMN content SET STORAGE EXTERNAL;

-- One row per document owed and handed in; a replacement is a later version of it and keeps the first one's mark.
CREATE TABLE document (
    document_id text PRIMARY KEY,
    version int NOT NULL,
    document text NOT NULL,
    programme_id text NOT NULL REFERENCES programme,
    policy_key text NOT NULL,
    project text NOT NULL,
    class_id text REFERENCES class,
    institution_id text NOT NULL REFERENCES unit,
    institution_path text NOT NULL,
    file_id text NOT NULL REFERENCES file,
    sha256 text NOT NULL,
    size int NOT NULL,
    sealed boolean NOT NULL,
    first_submitted_at timestamptz NOT NULL,
    submitted_at timestamptz NOT NULL,
    submitted_by text NOT NULL,
    due_at timestamptz,
    on_time boolean NOT NULL
);
CREATE INDEX ON document (class_id);
CREATE INDEX ON document (programme_id, project, institution_id);

ALTER TABLE class_staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkin_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE statement ENABLE ROW LEVEL SECURITY;

CREATE POLICY writes ON class_staff TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON checkin_code TO :writer USING (true) WITH CHECK (true);
CREATE POLICY writes ON statement TO :writer USING (true) WITH CHECK (true);

-- Whoever has a place in the class in their scope sees whom to call: place is filtered by its own policy here.
CREATE POLICY reads ON class_staff FOR SELECT TO :reader USING (
    in_scope(unit_path, institution_path, person_id)
    OR EXISTS (SELECT FROM place p WHERE p.class_id = class_staff.class_id)
);
CREATE POLICY reads ON checkin_code FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
CREATE POLICY reads ON statement FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON
    class, class_date, class_staff, checkin_code, statement, file, document TO :writer;
GRANT SELECT ON class, class_date, class_staff, checkin_code, statement, document TO :reader;
GRANT SELECT (file_id, sha256, size, name, media_type, stored_at) ON file TO :reader;
