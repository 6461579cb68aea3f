-- name: hold
-- Puts those who hand in for one project and unit in a line, so that papers owed once are counted right.
SELECT commission_id AS id FROM commission
WHERE programme_id = $1 AND project = $2 AND institution_id = $3 AND released_at IS NULL
ORDER BY 1 FOR UPDATE

-- name: hold_cells
SELECT cell_id FROM quota_cell WHERE programme_id = $1 AND project = $2 AND unit_id = $3 ORDER BY 1 FOR UPDATE

-- name: grounds
SELECT EXISTS (SELECT FROM commission WHERE programme_id = $1 AND project = $2 AND institution_id = $3
                                        AND released_at IS NULL) AS commissioned,
       EXISTS (SELECT FROM quota_cell WHERE programme_id = $1 AND project = $2 AND unit_id = $3) AS has_places,
       (SELECT max(ends_on) FROM class WHERE programme_id = $1 AND project = $2 AND institution_id = $3
                                         AND status <> 'cancelled') AS ends_on

-- name: handed_in
SELECT d.document_id, d.version, d.document, d.due_at, d.on_time, d.submitted_at, d.first_submitted_at, d.file_id,
       f.name AS file_name, f.size
FROM document d JOIN file f USING (file_id)
WHERE d.programme_id = $1 AND d.project = $2 AND d.institution_id = $3 AND d.class_id IS NULL
ORDER BY d.first_submitted_at, d.document_id

-- name: projects_of_unit
-- What a unit may owe papers for: projects that it carries, has classes in, or has places in.
SELECT programme_id, project FROM commission WHERE institution_id = ANY ($1::text[]) AND released_at IS NULL
UNION SELECT programme_id, project FROM class WHERE institution_id = ANY ($1::text[]) AND status <> 'cancelled'
UNION SELECT programme_id, project FROM quota_cell WHERE unit_id = ANY ($1::text[])
ORDER BY 1, 2
