-- People who were nominated and not chosen: the one thing of a pool's stream that somebody has to be told (Q13).
CREATE TABLE nominee (
    nomination_id text PRIMARY KEY,
    person_id text,
    programme_id text,
    policy_key text,
    project text,
    unit_id text,
    unit_path text,
    decided_at timestamptz,
    chosen_at timestamptz,
    version int
);

ALTER TABLE subject DROP CONSTRAINT subject_kind_check;
ALTER TABLE subject ADD CONSTRAINT subject_kind_check
    CHECK (kind IN ('cell', 'class', 'document', 'duty', 'entry', 'nominee', 'place', 'programme'));

ALTER TABLE nominee ENABLE ROW LEVEL SECURITY;
CREATE POLICY writes ON nominee TO :writer USING (true) WITH CHECK (true);
CREATE POLICY reads ON nominee FOR SELECT TO :reader USING (in_scope(unit_path, NULL, person_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON nominee TO :writer;
GRANT SELECT ON nominee TO :reader;
