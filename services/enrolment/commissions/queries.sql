-- name: carrying
SELECT institution_id FROM commission WHERE programme_id = $1 AND project = $2 AND released_at IS NULL

-- name: add
INSERT INTO commission (commission_id, version, programme_id, policy_key, project, institution_id, institution_path,
                        commissioned_at, commissioned_by)
SELECT n.commission_id, 1, n.programme_id, n.policy_key, n.project, n.institution_id, n.institution_path, $2, $3
FROM json_populate_recordset(NULL::commission, $1::json) AS n
ON CONFLICT (programme_id, project, institution_id) WHERE released_at IS NULL DO NOTHING
RETURNING commission_id

-- name: lock
SELECT commission_id, version, programme_id, policy_key, project, institution_id, institution_path, released_at
FROM commission WHERE commission_id = $1 FOR UPDATE

-- name: release
UPDATE commission SET version = version + 1, released_at = $2, released_by = $3, reason = $4 WHERE commission_id = $1
RETURNING version

-- name: listed
-- In reach of the reader, or of a year that the reader gives out.
SELECT m.commission_id, m.project, m.policy_key, m.institution_id, m.commissioned_at, m.released_at, u.code AS institution,
       u.name_zh, u.name_en,
       (SELECT count(*)::int FROM class c WHERE c.programme_id = m.programme_id AND c.project = m.project
                                            AND c.institution_id = m.institution_id AND c.status <> 'cancelled') AS classes
FROM commission m JOIN unit u ON u.unit_id = m.institution_id
WHERE m.policy_key = $2
  AND EXISTS (SELECT FROM unnest($1::text[]) AS p (path) WHERE starts_with(m.institution_path, p.path) OR starts_with($3, p.path))
ORDER BY m.released_at IS NOT NULL, m.project, u.code, m.commission_id
