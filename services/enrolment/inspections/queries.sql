-- name: add
INSERT INTO inspection (inspection_id, version, programme_id, policy_key, project, institution_id, institution_path, score, max, inspected_on)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (programme_id, project, institution_id, inspected_on) DO NOTHING
RETURNING inspection_id

-- name: set_score
UPDATE inspection SET version = version + 1, score = $2, max = $3, inspected_on = $4 WHERE inspection_id = $1 RETURNING version

-- name: known
SELECT inspection_id FROM inspection
WHERE programme_id = $1 AND project = $2 AND institution_id = $3 AND inspected_on = $4 AND inspection_id <> $5

-- name: add_score
INSERT INTO inspection_score (inspection_id, version, score, max, inspected_on, reason, scored_by, scored_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: lock
SELECT * FROM inspection WHERE inspection_id = $1 FOR UPDATE

-- name: find
SELECT i.*, u.code AS institution, u.name_zh, u.name_en FROM inspection i JOIN unit u ON u.unit_id = i.institution_id
WHERE i.inspection_id = $1

-- name: scores
SELECT version, score, max, inspected_on, reason, scored_at FROM inspection_score WHERE inspection_id = $1 ORDER BY version DESC

-- name: listed
SELECT i.*, u.code AS institution, u.name_zh, u.name_en, count(*) OVER () AS total
FROM inspection i JOIN unit u ON u.unit_id = i.institution_id
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS p (path) WHERE starts_with(i.institution_path, p.path))
  AND ($2::text IS NULL OR i.policy_key = $2)
ORDER BY i.inspected_on DESC, i.inspection_id LIMIT $3 OFFSET $4
