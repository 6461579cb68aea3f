-- Kinds of units as units files state them, and lists of units on their way from upload to confirmation.

-- "depth" is that of the kind's level, 0 at the top; an institution stands at no level (docs/adr/0004).
CREATE TABLE unit_kind (
    kind text PRIMARY KEY,
    level text,
    depth int,
    name_zh text NOT NULL,
    name_en text NOT NULL
);

CREATE INDEX unit_parent ON unit (parent_id);

-- The uploaded rows as read and what they would change: nothing of it holds before it is confirmed.
CREATE TABLE unit_list (
    list_id text PRIMARY KEY,
    unit_id text NOT NULL REFERENCES unit,
    unit_path text NOT NULL,
    institution_path text,
    person_id text,
    file_name text NOT NULL,
    whole boolean NOT NULL,
    lines jsonb NOT NULL,
    preview jsonb NOT NULL,
    uploaded_by text NOT NULL,
    uploaded_by_name text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    confirmed_by_name text,
    confirmed_at timestamptz
);
CREATE INDEX ON unit_list (uploaded_at);

ALTER TABLE unit_list ENABLE ROW LEVEL SECURITY;
CREATE POLICY writes ON unit_list TO :writer USING (true) WITH CHECK (true);
CREATE POLICY reads ON unit_list FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON unit_kind, unit_list TO :writer;
GRANT SELECT ON unit_kind, unit_list TO :reader;
