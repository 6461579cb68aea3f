-- Process inspections: one row per form, and every score it ever had. No personal data: an institution is scored.
CREATE TABLE inspection (
    inspection_id text PRIMARY KEY,
    version int NOT NULL,
    programme_id text NOT NULL REFERENCES programme,
    policy_key text NOT NULL,
    project text NOT NULL,
    institution_id text NOT NULL REFERENCES unit,
    institution_path text NOT NULL,
    score numeric NOT NULL CHECK (score >= 0 AND score <= max),
    max numeric NOT NULL CHECK (max > 0),
    inspected_on date NOT NULL
);
CREATE UNIQUE INDEX inspection_one_per_day ON inspection (programme_id, project, institution_id, inspected_on);

CREATE TABLE inspection_score (
    inspection_id text NOT NULL REFERENCES inspection,
    version int NOT NULL,
    score numeric NOT NULL,
    max numeric NOT NULL,
    inspected_on date NOT NULL,
    reason text,
    scored_by text NOT NULL,
    scored_at timestamptz NOT NULL,
    PRIMARY KEY (inspection_id, version)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON inspection, inspection_score TO :writer;
GRANT SELECT ON inspection, inspection_score TO :reader;
