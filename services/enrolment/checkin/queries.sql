-- name: taken_codes
SELECT code FROM checkin_code WHERE class_id = $1

-- name: put_codes
INSERT INTO checkin_code (place_id, class_id, code, person_id, unit_path, institution_path)
SELECT n.place_id, $1, n.code, n.person_id, n.unit_path, $2
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS n (place_id, code, person_id, unit_path)
ON CONFLICT (place_id) DO UPDATE
SET class_id = excluded.class_id, code = excluded.code, institution_path = excluded.institution_path

-- name: code_of_place
SELECT k.place_id, k.class_id, k.code, k.person_id, c.institution_path, c.name_zh, c.name_en, c.address
FROM checkin_code k JOIN class c USING (class_id)
WHERE k.place_id = $1

-- name: code_of_class
SELECT k.place_id, k.class_id, k.code, k.person_id, c.institution_path, c.name_zh, c.name_en, c.address
FROM checkin_code k JOIN class c USING (class_id)
WHERE k.code = $1 AND c.institution_path = $2 AND c.status <> 'cancelled'
ORDER BY k.class_id = $3 DESC, c.starts_on DESC
LIMIT 1

-- name: put_statements
INSERT INTO statement (statement_id, kind, place_id, class_id, person_id, unit_path, institution_path, text, written_at, written_by)
SELECT n.statement_id, $1, p.place_id, p.class_id, p.person_id, p.unit_path, p.institution_path, n.text, $2, $3
FROM unnest($4::text[], $5::text[], $6::text[]) AS n (statement_id, place_id, text)
JOIN place p USING (place_id)

-- name: statements_of_class
SELECT place_id, kind, text, written_at FROM statement WHERE class_id = $1 ORDER BY written_at, statement_id

-- name: counts
SELECT count(*)::int AS expected, count(checked_in_at)::int AS checked_in,
       (count(*) FILTER (WHERE checked_in_at IS NULL AND excused_at IS NOT NULL))::int AS excused,
       (count(*) FILTER (WHERE checked_in_at IS NULL AND excused_at IS NULL))::int AS absent
FROM place WHERE class_id = $1 AND revoked_at IS NULL

-- name: holder
SELECT p.place_id, p.person_id, p.class_id, p.checked_in_at, p.excused_at, p.dropout_cause, n.name,
       s.name_zh AS school_zh, s.name_en AS school_en
FROM place p
JOIN person n USING (person_id)
JOIN unit s ON s.unit_id = n.unit_id
WHERE p.place_id = $1

-- name: own_places
SELECT p.place_id, p.class_id, p.policy_key, p.project, p.plan_level, p.programme_id, p.selected_at, p.registered_at,
       p.checked_in_at, p.excused_at, p.expected_at, p.dropout_at, p.dropout_cause, p.completed_at, p.revoked_at, p.replaced_by,
       n.name, k.code
FROM place p
JOIN person n USING (person_id)
LEFT JOIN checkin_code k ON k.place_id = p.place_id AND k.class_id = p.class_id
WHERE p.person_id = ANY($1::text[])
ORDER BY p.selected_at DESC, p.place_id
