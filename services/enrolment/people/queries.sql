-- name: units_of
SELECT person_id, unit_id FROM person WHERE person_id = ANY(string_to_array($1, ','))

-- name: lock_people
SELECT p.person_id, p.unit_id, p.unit_path, p.born_on, p.teaching_since, p.marks, p.roles, u.school_kind, u.rural,
       p.trainer_since, p.stages
FROM person p JOIN unit u USING (unit_id)
WHERE p.person_id = ANY(string_to_array($1, ','))
ORDER BY p.person_id
FOR UPDATE OF p

-- name: lock_by_hash
SELECT person_id, id_hash, unit_path FROM person WHERE id_hash = ANY(string_to_array($1, ',')) ORDER BY person_id FOR UPDATE

-- name: insert
INSERT INTO person (person_id, id_hash, id_sealed, id_last4, unit_id, unit_path, name, born_on, phone, email, teaching_since,
                    marks, roles, stages, trainer_since, updated_at)
SELECT n.person_id, n.id_hash, n.id_sealed, n.id_last4, n.unit_id, n.unit_path, n.name, n.born_on, n.phone, n.email,
       n.teaching_since, n.marks, n.roles, n.stages, n.trainer_since, $2
FROM json_populate_recordset(NULL::person, $1::json) AS n
ON CONFLICT (id_hash) DO NOTHING
RETURNING id_hash, person_id

-- name: update
UPDATE person p
SET unit_id = n.unit_id, unit_path = n.unit_path, name = n.name, phone = coalesce(n.phone, p.phone),
    email = coalesce(n.email, p.email), teaching_since = coalesce(n.teaching_since, p.teaching_since),
    marks = n.marks, roles = CASE WHEN n.roles = '{}' THEN p.roles ELSE n.roles END,
    stages = CASE WHEN n.stages = '{}' THEN p.stages ELSE n.stages END,
    trainer_since = coalesce(n.trainer_since, p.trainer_since), updated_at = $2
FROM json_populate_recordset(NULL::person, $1::json) AS n
WHERE p.person_id = n.person_id

-- name: contacts_of_people
SELECT person_id, name, phone, email, unit_id, unit_path FROM person WHERE person_id = ANY($1::text[])

-- name: contacts_of_units
SELECT c.unit_id, c.name, c.phone, c.email, u.name_zh, u.name_en, u.path AS unit_path
FROM unit_contact c JOIN unit u USING (unit_id) WHERE c.unit_id = ANY($1::text[])

-- name: names
SELECT p.person_id, p.name, p.unit_id, u.name_zh, u.name_en
FROM person p JOIN unit u USING (unit_id) WHERE p.person_id = ANY($1::text[])

-- name: listed
SELECT p.person_id, p.name, p.id_last4, p.unit_id, p.teaching_since, p.marks, u.name_zh, u.name_en, count(*) OVER () AS total
FROM person p JOIN unit u USING (unit_id)
WHERE starts_with(p.unit_path, $1)
ORDER BY u.code, p.name, p.person_id
LIMIT $2 OFFSET $3

-- name: staff_of_classes
-- Who runs a class, for the messages about it (A09); in the order in which they were named.
SELECT class_id, json_agg(json_build_object('role', role, 'name', name, 'phone', phone) ORDER BY position) AS staff
FROM class_staff WHERE class_id = ANY ($1::text[]) GROUP BY class_id
