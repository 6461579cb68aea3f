-- Pools: one pot of places, the units' shares of the nominations for it, and who is nominated.

CREATE TABLE pool (
    pool_id text PRIMARY KEY,
    version int NOT NULL,
    programme_id text NOT NULL REFERENCES programme,
    policy_key text NOT NULL,
    project text NOT NULL,
    cohort text NOT NULL,
    places int NOT NULL CHECK (places >= 0),
    nominations int NOT NULL CHECK (nominations >= places),
    institution_id text REFERENCES unit,
    institution_path text,
    UNIQUE (programme_id, cohort)
);

CREATE TABLE pool_share (
    pool_id text NOT NULL REFERENCES pool,
    unit_id text NOT NULL REFERENCES unit,
    unit_path text NOT NULL,
    nominations int NOT NULL CHECK (nominations >= 0),
    synthetic boolean NOT NULL DEFAULT false,
    PRIMARY KEY (pool_id, unit_id)
);

-- A nomination is no place: it stands in no quota, no rate and no record. "nominated_by" is the unit whose share it takes.
CREATE TABLE nomination (
    nomination_id text PRIMARY KEY,
    pool_id text NOT NULL REFERENCES pool,
    person_id text NOT NULL,
    unit_id text NOT NULL REFERENCES unit,
    unit_path text NOT NULL,
    institution_path text,
    nominated_by text NOT NULL REFERENCES unit,
    nominated_at timestamptz NOT NULL,
    met_every_condition boolean NOT NULL,
    overridden text[] NOT NULL DEFAULT '{}',
    override_reason text,
    chosen_at timestamptz,
    place_id text,
    not_chosen_at timestamptz,
    not_chosen_reason text,
    UNIQUE (pool_id, person_id),
    CHECK ((chosen_at IS NULL) = (place_id IS NULL)),
    CHECK ((not_chosen_at IS NULL) = (not_chosen_reason IS NULL))
);
CREATE INDEX nomination_of_person ON nomination (person_id);

ALTER TABLE nomination ENABLE ROW LEVEL SECURITY;
CREATE POLICY writes ON nomination TO :writer USING (true) WITH CHECK (true);
CREATE POLICY reads ON nomination FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));

-- Who chooses sees whom it may choose: nominations seen here are already filtered by their own policy.
DROP POLICY reads ON person;
CREATE POLICY reads ON person FOR SELECT TO :reader USING (
    in_scope(unit_path, NULL, person_id) OR EXISTS (SELECT FROM place p WHERE p.person_id = person.person_id)
    OR EXISTS (SELECT FROM nomination n WHERE n.person_id = person.person_id)
);

ALTER TABLE import_row DROP CONSTRAINT import_row_outcome_check;
ALTER TABLE import_row ADD CHECK (outcome IN ('selected', 'nominated', 'already', 'refused', 'error'));

GRANT SELECT, INSERT, UPDATE, DELETE ON pool, pool_share, nomination TO :writer;
GRANT SELECT ON pool, pool_share, nomination TO :reader;
