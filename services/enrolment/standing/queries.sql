-- name: add_ranges
INSERT INTO standing_range (entry_id, position, person_id, unit_path, plan_levels, forms, starts_on, ends_before, force)
SELECT n.entry_id, n.position, n.person_id, n.unit_path, string_to_array(n.plan_levels, ','), string_to_array(n.forms, ','),
       n.starts_on, n.ends_before, n.force
FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[], $9::text[])
     AS n (entry_id, position, person_id, unit_path, plan_levels, forms, starts_on, ends_before, force)

-- name: remove_ranges
DELETE FROM standing_range WHERE entry_id = ANY($1::text[])

-- name: bars_of
SELECT r.entry_id, r.person_id, r.plan_levels, r.forms, r.starts_on, r.ends_before,
       ARRAY(SELECT o.policy_key FROM standing_override o WHERE o.entry_id = r.entry_id ORDER BY o.policy_key) AS waived
FROM standing_range r WHERE person_id = ANY(string_to_array($1, ','))

-- name: add_overrides
INSERT INTO standing_override (entry_id, policy_key) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING

-- name: remove_overrides
DELETE FROM standing_override WHERE entry_id = ANY($1::text[])

-- name: fallen_to
SELECT DISTINCT programme_id, cohort, unit_id FROM place WHERE revoked_by = ANY($1::text[])

-- name: courses
SELECT class_id, starts_on, ends_on, status IN ('scheduled', 'open') AS joinable FROM class
WHERE class_id = ANY($1::text[]) AND status <> 'cancelled' ORDER BY class_id FOR SHARE
