-- Why a dropout was taken back is written down like everything else that is said about a place.
ALTER TABLE statement DROP CONSTRAINT statement_kind_check;
ALTER TABLE statement ADD CONSTRAINT statement_kind_check
    CHECK (kind IN ('by_hand', 'excuse', 'dismissal', 'closing_record', 'correction'));

-- Who stands in for whom: a substitute's place names the old one, the old one is taken from its holder for the new one.
ALTER TABLE place ADD COLUMN substitute_for text, ADD COLUMN replaced_by text;
CREATE TABLE substitution (
    substitution_id text PRIMARY KEY,
    place_id text NOT NULL REFERENCES place,
    person_id text NOT NULL,
    unit_path text NOT NULL,
    institution_path text,
    substitute_id text NOT NULL,
    reason text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'approved', 'refused')),
    decided_by text,
    decided_at timestamptz,
    words text,
    CHECK ((status = 'asked') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX substitution_one_open ON substitution (place_id) WHERE status = 'asked';
ALTER TABLE substitution ENABLE ROW LEVEL SECURITY;
CREATE POLICY writes ON substitution TO :writer USING (true) WITH CHECK (true);
CREATE POLICY reads ON substitution FOR SELECT TO :reader USING (in_scope(unit_path, institution_path, person_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON substitution TO :writer;
GRANT SELECT ON substitution TO :reader;

-- For which years a ban that holds in principle does not stand.
CREATE TABLE standing_override (
    entry_id text NOT NULL,
    policy_key text NOT NULL,
    PRIMARY KEY (entry_id, policy_key)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON standing_override TO :writer;

-- A quashed entry gives its places back: they are looked for by the entry.
CREATE INDEX ON place (revoked_by) WHERE revoked_by IS NOT NULL;
