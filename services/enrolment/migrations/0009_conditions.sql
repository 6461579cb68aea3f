-- What conditions ask beyond a roster's usual columns: years in teacher training, stages, lists, and what was attested.

ALTER TABLE person ADD COLUMN trainer_since date, ADD COLUMN stages text[] NOT NULL DEFAULT '{}';
GRANT SELECT (trainer_since, stages) ON person TO :reader;

-- A list that a policy speaks of: "owner" is the year, or the data set of units that states it. Empty is not the same as missing.
CREATE TABLE named_list (
    owner text NOT NULL,
    list text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    PRIMARY KEY (owner, list)
);

-- A member is a unit's code, or the keyed hash of a person's ID number: people may be listed before they are on record.
CREATE TABLE named_member (
    owner text NOT NULL,
    list text NOT NULL,
    member text NOT NULL,
    PRIMARY KEY (owner, list, member),
    FOREIGN KEY (owner, list) REFERENCES named_list ON DELETE CASCADE
);

-- What an officer attested of a person, by name and time (Q16).
CREATE TABLE attestation (
    programme_id text NOT NULL REFERENCES programme,
    cohort text NOT NULL,
    person_id text NOT NULL,
    statement text NOT NULL,
    unit_path text NOT NULL,
    institution_path text,
    attested_by text NOT NULL,
    attested_by_name text NOT NULL,
    attested_at timestamptz NOT NULL,
    PRIMARY KEY (programme_id, cohort, person_id, statement)
);

ALTER TABLE attestation ENABLE ROW LEVEL SECURITY;
CREATE POLICY writes ON attestation TO :writer USING (true) WITH CHECK (true);
CREATE POLICY reads ON attestation FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));

ALTER TABLE import_job ADD COLUMN attested text[] NOT NULL DEFAULT '{}';

GRANT SELECT, INSERT, UPDATE, DELETE ON named_list, named_member, attestation TO :writer;
GRANT SELECT ON named_list, attestation TO :reader;
