-- name: lock_places
SELECT * FROM place WHERE place_id = ANY($1::text[]) ORDER BY place_id FOR UPDATE

-- name: lock_places_of_class
SELECT * FROM place WHERE class_id = $1 ORDER BY place_id FOR UPDATE

-- name: lock_places_of_persons
SELECT * FROM place WHERE person_id = ANY($1::text[]) ORDER BY place_id FOR UPDATE

-- name: insert_places
INSERT INTO place (place_id, person_id, unit_id, unit_path, selected_at, met_every_condition, overridden, version,
                   programme_id, policy_key, project, cohort, cohort_kind, plan_level, forms)
SELECT n.place_id, n.person_id, n.unit_id, n.unit_path, n.selected_at, n.met, string_to_array(n.overridden, ','), n.version,
       $9, $10, $11, $12, $13, $14, $15::text[]
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::boolean[], $7::text[], $8::int[])
     AS n (place_id, person_id, unit_id, unit_path, selected_at, met, overridden, version)

-- name: update_places
UPDATE place p
SET version = n.version, registered_at = n.registered_at, class_id = n.class_id, institution_id = n.institution_id,
    institution_path = n.institution_path, checked_in_at = n.checked_in_at, checkin_method = n.checkin_method,
    excused_at = n.excused_at, excuse_reason = n.excuse_reason, expected_at = n.expected_at, dropout_at = n.dropout_at,
    dropout_cause = n.dropout_cause, completed_at = n.completed_at, revoked_at = n.revoked_at, revoked_by = n.revoked_by
FROM unnest($1::text[], $2::int[], $3::int[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
            $9::text[], $10::timestamptz[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::text[],
            $15::timestamptz[], $16::timestamptz[], $17::text[])
     AS n (place_id, before, version, registered_at, class_id, institution_id, institution_path, checked_in_at,
           checkin_method, excused_at, excuse_reason, expected_at, dropout_at, dropout_cause, completed_at, revoked_at,
           revoked_by)
WHERE p.place_id = n.place_id AND p.version = n.before
