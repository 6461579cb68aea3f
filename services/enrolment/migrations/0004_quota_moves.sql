-- Places moved between units of one superior. The totals stand in quota_cell; a row here says who moved what, and when.
CREATE TABLE quota_move (
    move_id text PRIMARY KEY,
    programme_id text NOT NULL REFERENCES programme,
    cohort text NOT NULL,
    parent_unit_id text NOT NULL REFERENCES unit,
    giver_unit_id text NOT NULL REFERENCES unit,
    taker_unit_id text NOT NULL REFERENCES unit,
    places int NOT NULL CHECK (places > 0),
    moved_by text NOT NULL,
    moved_at timestamptz NOT NULL
);
CREATE INDEX ON quota_move (programme_id, cohort, parent_unit_id, moved_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON quota_move TO :writer;
GRANT SELECT ON quota_move TO :reader;
