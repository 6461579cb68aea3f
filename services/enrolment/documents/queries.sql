-- name: insert_document
INSERT INTO document (document_id, version, document, programme_id, policy_key, project, class_id, institution_id,
                      institution_path, file_id, sha256, size, sealed, first_submitted_at, submitted_at, submitted_by,
                      due_at, on_time)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16)

-- name: replace_document
UPDATE document
SET version = version + 1, file_id = $2, sha256 = $3, size = $4, sealed = $5, submitted_at = $6, submitted_by = $7
WHERE document_id = $1
RETURNING version

-- name: hold_owner
SELECT class_id FROM class
WHERE programme_id = $1 AND project = $2 AND institution_id = $3
ORDER BY class_id
FOR UPDATE

-- name: handed_in
SELECT d.document_id, d.version, d.document, d.due_at, d.on_time, d.submitted_at, d.first_submitted_at, d.file_id,
       f.name AS file_name, f.size
FROM document d JOIN file f USING (file_id)
WHERE d.programme_id = $1 AND d.project = $2 AND d.institution_id = $3 AND (d.class_id IS NULL OR d.class_id = $4)
ORDER BY d.first_submitted_at, d.document_id

-- name: notices
SELECT d.document_id, d.version, d.document, d.due_at, d.on_time, d.submitted_at, d.first_submitted_at, d.file_id,
       f.name AS file_name, f.size
FROM document d JOIN file f USING (file_id)
WHERE d.class_id = $1
ORDER BY d.first_submitted_at, d.document_id

-- name: earlier
SELECT d.document_id, d.version, d.document, d.due_at, d.on_time, d.submitted_at, d.first_submitted_at
FROM document d
WHERE d.document = $1 AND d.programme_id = $2 AND d.project = $3 AND d.institution_id = $4 AND d.class_id IS NOT DISTINCT FROM $5
ORDER BY d.first_submitted_at, d.document_id

-- name: find_document
SELECT d.document_id, d.document, d.class_id, d.institution_path, d.file_id, d.sha256, f.name AS file_name, f.media_type
FROM document d JOIN file f USING (file_id)
WHERE d.document_id = $1
