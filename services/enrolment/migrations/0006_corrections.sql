-- Why a dropout was taken back is written down like everything else that is said about a place.
ALTER TABLE statement DROP CONSTRAINT statement_kind_check;
ALTER TABLE statement ADD CONSTRAINT statement_kind_check
    CHECK (kind IN ('by_hand', 'excuse', 'dismissal', 'closing_record', 'correction'));

-- A quashed entry gives its places back: they are looked for by the entry.
CREATE INDEX ON place (revoked_by) WHERE revoked_by IS NOT NULL;
