-- name: classes
SELECT c.class_id, c.policy_key, c.project, c.name_zh, c.name_en, c.address, c.starts_on, c.ends_on, c.checkin_opens_at,
       c.checkin_closes_at, c.institution_id, c.cause,
       (SELECT d.address FROM class_date d WHERE d.class_id = c.class_id AND d.date_version < c.date_version AND d.address <> c.address
        ORDER BY d.date_version DESC LIMIT 1) AS old_address, c.cohort
FROM class c WHERE c.class_id = ANY ($1::text[]);

-- name: members
-- How many, and who, of a class belong to a unit's subtree: one row per pair asked.
SELECT q.class_id, q.path, array_agg(p.person_id ORDER BY p.person_id) AS people
FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS u(class_id, path)) q
JOIN place p ON p.class_id = q.class_id AND starts_with(p.unit_path, q.path) AND p.revoked_at IS NULL
GROUP BY q.class_id, q.path;

-- name: places
SELECT place_id, person_id, policy_key, project FROM place WHERE place_id = ANY ($1::text[]);

-- name: documents
SELECT document_id, document, policy_key, project, class_id, institution_id, submitted_at, on_time
FROM document WHERE document_id = ANY ($1::text[]);

-- name: entries
SELECT entry_id, person_id, class_id, cause, policy_key, ranges FROM entry WHERE entry_id = ANY ($1::text[]);
