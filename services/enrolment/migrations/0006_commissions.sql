-- Which institution carries which project of a year: one row per commission, at most one in force. No personal data.
CREATE TABLE commission (
    commission_id text PRIMARY KEY,
    version int NOT NULL,
    programme_id text NOT NULL REFERENCES programme,
    policy_key text NOT NULL,
    project text NOT NULL,
    institution_id text NOT NULL REFERENCES unit,
    institution_path text NOT NULL,
    commissioned_at timestamptz NOT NULL,
    commissioned_by text NOT NULL,
    released_at timestamptz,
    released_by text,
    reason text
);
CREATE UNIQUE INDEX commission_in_force ON commission (programme_id, project, institution_id) WHERE released_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON commission TO :writer;
GRANT SELECT ON commission TO :reader;
