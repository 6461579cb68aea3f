-- name: tree
SELECT unit_id, code, kind, level, parent_id, path, name_zh, name_en, school_kind, rural, valid_from, valid_until, version
FROM unit
WHERE code = ANY($1::text[]) OR ($3 AND starts_with(path, $2))
   OR unit_id IN (SELECT parent_id FROM unit WHERE code = ANY($1::text[]))

-- name: kinds
SELECT kind, level, depth, name_zh, name_en FROM unit_kind ORDER BY depth, kind

-- name: held
WITH asked AS (SELECT unit_id, code FROM unit WHERE code = ANY($1::text[])),
     below AS (SELECT parent_id AS unit_id, count(*) AS n FROM unit WHERE parent_id IN (SELECT unit_id FROM asked) GROUP BY 1),
     staff AS (SELECT unit_id, count(*) AS n FROM person WHERE unit_id IN (SELECT unit_id FROM asked) GROUP BY 1),
     sent AS (SELECT unit_id, count(*) AS n FROM import_job WHERE unit_id IN (SELECT unit_id FROM asked) GROUP BY 1),
     given AS (SELECT unit_id, count(*) AS n, sum(places) AS places FROM quota_cell
               WHERE unit_id IN (SELECT unit_id FROM asked) GROUP BY 1)
SELECT a.code, coalesce(b.n, 0) AS children, coalesce(p.n, 0) AS people, coalesce(j.n, 0) AS rosters,
       coalesce(g.n, 0) AS cells, coalesce(g.places, 0) AS places
FROM asked a LEFT JOIN below b USING (unit_id) LEFT JOIN staff p USING (unit_id) LEFT JOIN sent j USING (unit_id)
     LEFT JOIN given g USING (unit_id)

-- name: add
INSERT INTO unit_list (list_id, unit_id, unit_path, file_name, whole, lines, preview, uploaded_by, uploaded_by_name, uploaded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: find
SELECT l.list_id, l.unit_path, u.code AS unit_code, u.name_zh, u.name_en, l.file_name, l.whole, l.lines, l.preview,
       l.uploaded_by_name, l.uploaded_at, l.confirmed_by_name, l.confirmed_at
FROM unit_list l JOIN unit u USING (unit_id) WHERE l.list_id = $1

-- name: hold
SELECT true FROM unit_list WHERE list_id = $1 FOR UPDATE

-- name: confirm
UPDATE unit_list SET confirmed_by_name = $2, confirmed_at = $3 WHERE list_id = $1

-- name: move_contacts
UPDATE unit_contact c SET unit_path = n.path
FROM unnest($1::text[], $2::text[]) AS n (unit_id, path) WHERE c.unit_id = n.unit_id

-- name: listed
SELECT l.list_id, u.name_zh, u.name_en, l.file_name, jsonb_array_length(l.lines) AS rows,
       jsonb_array_length(l.preview -> 'changes') AS changes, jsonb_array_length(l.preview -> 'faults') AS faults,
       l.uploaded_by_name, l.uploaded_at, l.confirmed_at, count(*) OVER () AS total
FROM unit_list l JOIN unit u USING (unit_id)
ORDER BY l.uploaded_at DESC, l.list_id LIMIT $1 OFFSET $2
