-- name: know_subjects
INSERT INTO subject (kind, id) SELECT * FROM unnest($1::text[], $2::text[]) ORDER BY 1, 2
ON CONFLICT (kind, id) DO NOTHING;

-- name: lock_subjects
SELECT kind, id FROM subject WHERE (kind, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY kind, id FOR UPDATE;

-- name: set_open
UPDATE subject s SET open = n.open
FROM unnest($1::text[], $2::text[], $3::bool[]) AS n(kind, id, open)
WHERE s.kind = n.kind AND s.id = n.id AND s.open <> n.open;

-- name: open_subjects
SELECT kind, id FROM subject WHERE open AND (kind, id) > ($1, $2) ORDER BY kind, id LIMIT $3;

-- name: classes_of_places
SELECT DISTINCT class_id FROM place WHERE place_id = ANY ($1::text[]) AND class_id IS NOT NULL;

-- name: cells_above_places
SELECT DISTINCT c.cell_id FROM place p
JOIN cell c ON c.programme_id = p.programme_id AND c.cohort = p.cohort AND starts_with(p.unit_path, c.unit_path)
WHERE p.place_id = ANY ($1::text[]);

-- name: planned_places_of_classes
SELECT DISTINCT p.place_id FROM place p
JOIN reminder r ON r.subject_kind = 'place' AND r.subject_id = p.place_id AND r.state = 'planned'
WHERE p.class_id = ANY ($1::text[]);

-- name: of_programmes
SELECT 'cell' AS kind, cell_id AS id FROM cell WHERE programme_id = ANY ($1::text[])
UNION ALL SELECT 'class', class_id FROM class WHERE programme_id = ANY ($1::text[])
UNION ALL SELECT 'place', place_id FROM place WHERE programme_id = ANY ($1::text[])
UNION ALL SELECT 'document', document_id FROM document WHERE programme_id = ANY ($1::text[])
UNION ALL SELECT 'nominee', nomination_id FROM nominee WHERE programme_id = ANY ($1::text[])
UNION ALL SELECT 'entry', e.entry_id FROM entry e JOIN programme p ON p.key = e.policy_key
WHERE p.programme_id = ANY ($1::text[]);

-- name: duties_of_classes
SELECT DISTINCT programme_id || ':' || unnest(ARRAY[project, '*']) || ':' || institution_id FROM class
WHERE class_id = ANY ($1::text[]);

-- name: duties_of_programmes
SELECT id FROM duty WHERE programme_id = ANY ($1::text[]);

-- name: duties_of_units
-- Of a unit that becomes known only now; an institution's duties are known by its commissions and classes.
SELECT DISTINCT c.programme_id || ':' || c.project || ':' || c.unit_id
FROM cell c JOIN unit u USING (unit_id) JOIN owing_level o ON o.programme_id = c.programme_id AND o.level = u.level
WHERE c.unit_id = ANY ($1::text[]);

-- name: duties_of_cells
SELECT DISTINCT c.programme_id || ':' || c.project || ':' || c.unit_id
FROM cell c JOIN unit u USING (unit_id) JOIN owing_level o ON o.programme_id = c.programme_id AND o.level = u.level
WHERE c.cell_id = ANY ($1::text[]);

-- name: notices_of_units
-- The years whose notice a unit may have to hear of.
SELECT p.programme_id FROM programme p
WHERE EXISTS (SELECT FROM unit u WHERE u.unit_id = ANY ($1::text[]) AND starts_with(u.path, p.issuer_path));

-- name: moved_units
-- Those of which a plan takes something that is not as it stood; a name is looked up when the message is worded.
SELECT DISTINCT n.unit_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS n(unit_id, code, kind, level, path)
LEFT JOIN unit u USING (unit_id)
WHERE (u.code, u.kind, u.level, u.path) IS DISTINCT FROM (n.code, n.kind, n.level, n.path);

-- name: of_units
SELECT 'cell' AS kind, cell_id AS id FROM cell WHERE string_to_array(unit_path, '/') && $1::text[]
UNION ALL SELECT 'place', place_id FROM place WHERE string_to_array(unit_path, '/') && $1::text[]
UNION SELECT 'class', class_id FROM place WHERE string_to_array(unit_path, '/') && $1::text[] AND class_id IS NOT NULL
UNION ALL SELECT 'nominee', nomination_id FROM nominee WHERE string_to_array(unit_path, '/') && $1::text[]
UNION ALL SELECT 'entry', entry_id FROM entry WHERE string_to_array(unit_path, '/') && $1::text[];
