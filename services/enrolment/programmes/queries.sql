-- name: head_by_key
SELECT programme_id, key, revision, year, issuer_unit_id, issuer_path, sha256, drafted_at, published_at, version
FROM programme WHERE key = $1

-- name: head_by_id
SELECT programme_id, key, revision, year, issuer_unit_id, issuer_path, sha256, drafted_at, published_at, version
FROM programme WHERE programme_id = $1

-- name: heads
SELECT programme_id, key, revision, year, issuer_unit_id, issuer_path, sha256, drafted_at, published_at, version
FROM programme
WHERE published_at IS NOT NULL OR EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(issuer_path, own))
ORDER BY year DESC, key

-- name: policy
SELECT policy FROM programme WHERE programme_id = $1

-- name: source
SELECT source FROM programme WHERE key = $1

-- name: lock
SELECT version FROM programme WHERE key = $1 FOR UPDATE

-- name: save_draft
INSERT INTO programme (programme_id, key, revision, year, issuer_unit_id, issuer_path, sha256, source, policy, drafted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (key) DO UPDATE
SET revision = excluded.revision, year = excluded.year, issuer_unit_id = excluded.issuer_unit_id,
    issuer_path = excluded.issuer_path, sha256 = excluded.sha256, source = excluded.source, policy = excluded.policy,
    drafted_at = excluded.drafted_at
WHERE programme.published_at IS NULL AND EXISTS (SELECT FROM unnest($11::text[]) AS own WHERE starts_with(programme.issuer_path, own))
RETURNING programme_id

-- name: publish
UPDATE programme SET published_at = $2, version = version + 1 WHERE programme_id = $1 RETURNING version

-- name: known_units
SELECT u.code, u.kind, p.code AS reports_to, u.valid_from, u.valid_until FROM unit u LEFT JOIN unit p ON p.unit_id = u.parent_id

-- name: contacts_of_units
SELECT unit_id FROM unit_contact WHERE unit_id = ANY($1::text[])
