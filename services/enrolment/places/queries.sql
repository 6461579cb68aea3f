-- name: lock_places
SELECT * FROM place WHERE place_id = ANY($1::text[]) ORDER BY place_id FOR UPDATE

-- name: lock_places_of_class
SELECT * FROM place WHERE class_id = $1 ORDER BY place_id FOR UPDATE

-- name: lock_places_of_persons
SELECT * FROM place WHERE person_id = ANY($1::text[]) ORDER BY place_id FOR UPDATE

-- name: insert_places
INSERT INTO place (place_id, person_id, unit_id, unit_path, selected_at, met_every_condition, overridden, version,
                   programme_id, policy_key, project, cohort, cohort_kind, plan_level, forms, substitute_for)
SELECT n.place_id, n.person_id, n.unit_id, n.unit_path, n.selected_at, n.met_every_condition, n.overridden, n.version,
       n.programme_id, n.policy_key, n.project, n.cohort, n.cohort_kind, n.plan_level, n.forms, n.substitute_for
FROM json_populate_recordset(NULL::place, $1::json) AS n

-- name: update_places
UPDATE place p
SET version = n.version, registered_at = n.registered_at, class_id = n.class_id, institution_id = n.institution_id,
    institution_path = n.institution_path, checked_in_at = n.checked_in_at, checkin_method = n.checkin_method,
    excused_at = n.excused_at, excuse_reason = n.excuse_reason, expected_at = n.expected_at, dropout_at = n.dropout_at,
    dropout_cause = n.dropout_cause, completed_at = n.completed_at, revoked_at = n.revoked_at, revoked_by = n.revoked_by,
    replaced_by = n.replaced_by
FROM json_populate_recordset(NULL::place, $1::json) AS n JOIN json_to_recordset($2::json) AS b (place_id text, version int)
     USING (place_id)
WHERE p.place_id = n.place_id AND p.version = b.version

-- name: held_in_cohort
SELECT person_id, place_id FROM place
WHERE programme_id = $1 AND cohort = $2 AND person_id = ANY(string_to_array($3, ',')) AND revoked_at IS NULL

-- name: away_of_persons
SELECT p.person_id, p.class_id, c.starts_on, c.ends_on
FROM place p JOIN class c ON c.class_id = p.class_id
WHERE p.person_id = ANY(string_to_array($1, ',')) AND p.revoked_at IS NULL AND c.status <> 'cancelled'

-- name: add_overrides
INSERT INTO place_override (place_id, condition, person_id, unit_path, reason, overridden_by, overridden_at)
SELECT n.place_id, n.condition, n.person_id, n.unit_path, n.reason, $6, $7
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS n (place_id, condition, person_id, unit_path, reason)

-- name: class_starts
SELECT class_id, starts_on FROM class WHERE class_id = ANY($1::text[]) AND status <> 'cancelled'

-- name: peek
SELECT place_id, person_id, unit_path, version FROM place WHERE place_id = ANY($1::text[])

-- name: listed
SELECT p.place_id, p.person_id, n.name, p.unit_id, u.name_zh, u.name_en, p.cohort, p.class_id, p.selected_at,
       p.registered_at, p.checked_in_at, p.excused_at, p.expected_at, p.dropout_at, p.dropout_cause, p.completed_at,
       p.revoked_at, p.replaced_by, p.met_every_condition, p.version, count(*) OVER () AS total
FROM place p JOIN unit u USING (unit_id) LEFT JOIN person n USING (person_id)
WHERE ($1::text IS NULL OR p.policy_key = $1) AND ($2::text IS NULL OR p.cohort = $2)
  AND ($3::text IS NULL OR starts_with(p.unit_path, $3)) AND ($4::text IS NULL OR p.class_id = $4)
  AND ($5::text IS NULL OR p.person_id = $5) AND ($6::text IS NULL OR p.place_id = $6)
ORDER BY p.selected_at, p.place_id
LIMIT $7 OFFSET $8
