-- Read as the reader role: what is out of scope does not exist.

-- name: years
SELECT programme_id, key, policy -> 'policy' -> 'names' AS names FROM programme ORDER BY (policy -> 'policy' ->> 'year')::int DESC NULLS LAST, key;

-- name: gaps
-- What each unit itself lacks: its own gap without those of its children, so that each missing place is somebody's once.
WITH filled AS (
    SELECT p.cohort, part AS unit_id, count(*)::int AS n
    FROM place p, unnest(string_to_array(trim(BOTH '/' FROM p.unit_path), '/')) AS part
    WHERE p.programme_id = $1 AND p.revoked_at IS NULL GROUP BY 1, 2
), lacking AS (
    SELECT c.cell_id, c.parent_cell_id, c.unit_id, c.unit_path, c.project, greatest(c.places - coalesce(f.n, 0), 0) AS missing
    FROM cell c LEFT JOIN filled f USING (cohort, unit_id) WHERE c.programme_id = $1 AND in_scope(c.unit_path, NULL, NULL)
)
SELECT l.cell_id, l.unit_id, u.level, l.project, (l.missing - coalesce(b.missing, 0))::int AS missing
FROM lacking l LEFT JOIN unit u USING (unit_id)
LEFT JOIN (SELECT parent_cell_id AS cell_id, sum(missing) AS missing FROM lacking GROUP BY 1) b USING (cell_id)
WHERE l.missing > coalesce(b.missing, 0)
ORDER BY l.unit_path, l.project, l.cell_id;

-- name: subjects
-- Classes and duties of institutions and units in scope.
SELECT 'class' AS kind, class_id AS id FROM class
WHERE programme_id = $1 AND cancelled_at IS NULL AND in_scope(NULL, institution_path, NULL)
UNION ALL
SELECT 'duty', d.id FROM duty d JOIN unit u USING (unit_id) WHERE d.programme_id = $1 AND in_scope(u.path, NULL, NULL)
ORDER BY 1, 2;

-- name: reminded
-- What went out to the owner himself. A row may have gone out within another one, of this subject or another: that one counts, once.
SELECT r.subject_kind, r.subject_id, r.recipient_id, r.kind, count(DISTINCT (l.occurrence, l.version))::int AS times,
       max(t.called_at) AS last
FROM (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS q(subject_kind, subject_id, recipient_id)) q
JOIN reminder r USING (subject_kind, subject_id, recipient_id)
JOIN reminder l ON l.message_id = CASE WHEN r.state = 'merged' THEN r.merged_into ELSE r.message_id END
JOIN attempt t ON t.message_id = l.message_id AND t.state = 'accepted'
GROUP BY 1, 2, 3, 4;

-- name: names
SELECT unit_id, name_zh, name_en FROM unit WHERE unit_id = ANY ($1::text[]);

-- name: classes
SELECT class_id, name_zh, name_en FROM class WHERE class_id = ANY ($1::text[]);
