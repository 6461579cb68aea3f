-- name: lock_class
SELECT * FROM class WHERE class_id = $1 FOR UPDATE

-- name: share_class
SELECT * FROM class WHERE class_id = $1 FOR SHARE

-- name: find_class
SELECT * FROM class WHERE class_id = $1

-- name: insert_class
INSERT INTO class (class_id, version, status, programme_id, policy_key, project, cohort, plan_level, forms, institution_id,
                   institution_path, name_zh, name_en, period, theme, address, starts_on, ends_on, checkin_opens_at,
                   checkin_closes_at, date_version, scheduled_at, extension)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
ON CONFLICT (programme_id, cohort, institution_id, period) WHERE status <> 'cancelled' DO NOTHING

-- name: update_class
UPDATE class
SET version = $3, status = $4, address = $5, starts_on = $6, ends_on = $7, checkin_opens_at = $8, checkin_closes_at = $9,
    date_version = $10, previous_starts_on = $11, change_cause = $12, opened_at = $13, rescheduled_at = $14,
    closed_at = $15, ended_at = $16, cancelled_at = $17, extension = coalesce($18, extension)
WHERE class_id = $1 AND version = $2

-- name: announce_dates
INSERT INTO class_date (class_id, date_version, starts_on, ends_on, address, cause, announced_at, announced_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: announced_dates
SELECT date_version, starts_on, ends_on, address, cause, announced_at FROM class_date WHERE class_id = $1 ORDER BY date_version

-- name: cancelled_among
SELECT class_id FROM class WHERE class_id = ANY($1::text[]) AND status = 'cancelled'

-- name: remove_staff
DELETE FROM class_staff WHERE class_id = $1

-- name: insert_staff
INSERT INTO class_staff (class_id, role, position, unit_path, institution_path, name, phone)
SELECT $1, n.role, n.position, $2, $2, n.name, n.phone
FROM unnest($3::text[], $4::int[], $5::text[], $6::text[]) AS n (role, position, name, phone)

-- name: staff
SELECT role, name, phone FROM class_staff WHERE class_id = $1 ORDER BY position

-- name: count_staff
SELECT s.role, count(*)::int AS named
FROM class_staff s
JOIN class c USING (class_id)
JOIN class own ON own.class_id = $1
WHERE c.class_id = own.class_id
   OR (s.role = ANY($2::text[]) AND c.programme_id = own.programme_id AND c.project = own.project
       AND c.institution_id = own.institution_id AND c.status <> 'cancelled')
GROUP BY s.role

-- name: persons_of_places
SELECT DISTINCT person_id FROM place WHERE place_id = ANY($1::text[])

-- name: persons_of_class
SELECT DISTINCT person_id FROM place WHERE class_id = $1

-- name: place_ids_of_class
SELECT place_id FROM place WHERE class_id = $1

-- name: places_of_class
SELECT * FROM place WHERE class_id = $1 AND revoked_at IS NULL ORDER BY place_id

-- name: has_place_in_class
SELECT EXISTS (SELECT FROM place WHERE class_id = $1)

-- name: waiting_places
SELECT p.place_id, p.unit_id, u.name_zh, u.name_en
FROM place p
JOIN unit u USING (unit_id)
LEFT JOIN class c ON c.class_id = p.class_id
WHERE p.programme_id = $1 AND p.cohort = $2 AND p.revoked_at IS NULL
  AND (p.class_id IS NULL OR (c.status = 'cancelled' AND p.checked_in_at IS NULL AND p.expected_at IS NULL))
ORDER BY p.selected_at, p.place_id

-- name: last_day_elsewhere
SELECT max(ends_on) FROM class
WHERE programme_id = $1 AND project = $2 AND institution_id = $3 AND class_id <> $4 AND status <> 'cancelled'

-- name: list_classes
SELECT c.class_id, c.status, c.name_zh, c.name_en, c.policy_key, c.starts_on, c.ends_on, c.previous_starts_on,
       i.name_zh AS institution_zh, i.name_en AS institution_en, count(*) OVER ()::int AS total,
       (SELECT count(*)::int FROM place p WHERE p.class_id = c.class_id AND p.revoked_at IS NULL) AS places
FROM class c
JOIN unit i ON i.unit_id = c.institution_id
WHERE (c.institution_path ^@ ANY($1::text[]) OR EXISTS (SELECT FROM place p WHERE p.class_id = c.class_id))
  AND ($2::text IS NULL OR c.status = $2)
ORDER BY c.starts_on DESC, c.class_id
LIMIT $3 OFFSET $4

-- name: figures
SELECT count(*)::int AS listed, count(registered_at)::int AS registered, count(checked_in_at)::int AS checked_in,
       (count(*) FILTER (WHERE checked_in_at IS NULL AND excused_at IS NOT NULL))::int AS excused,
       (count(*) FILTER (WHERE checked_in_at IS NULL AND excused_at IS NULL))::int AS absent,
       count(dropout_at)::int AS dropped_out, count(completed_at)::int AS completed
FROM place
WHERE class_id = $1 AND revoked_at IS NULL

-- name: class_list
SELECT p.place_id, p.person_id, p.registered_at, p.checked_in_at, p.checkin_method, p.excused_at, p.excuse_reason,
       p.expected_at, p.dropout_cause, p.completed_at, p.revoked_at, p.replaced_by, n.name, n.phone,
       s.name_zh AS school_zh, s.name_en AS school_en, u.name_zh AS unit_zh, u.name_en AS unit_en
FROM place p
JOIN person n USING (person_id)
JOIN unit s ON s.unit_id = n.unit_id
JOIN unit u ON u.unit_id = coalesce(s.parent_id, s.unit_id)
WHERE p.class_id = $1
ORDER BY s.code, p.place_id
LIMIT $2 OFFSET $3

-- name: institution
SELECT name_zh, name_en FROM unit WHERE unit_id = $1

-- name: told_units
SELECT count(DISTINCT p.place_id)::int AS trainees, count(DISTINCT n.unit_id)::int AS schools, count(DISTINCT k.unit_id)::int AS counties
FROM place p
JOIN person n USING (person_id)
JOIN unit s ON s.unit_id = n.unit_id
LEFT JOIN unit k ON k.unit_id = s.parent_id AND k.level = 'county'
WHERE p.class_id = $1 AND p.revoked_at IS NULL
