-- name: hold_tree
SELECT pg_advisory_xact_lock(hashtext('enrolment.units'))

-- name: known
SELECT unit_id, code, kind, level, parent_id, path, name_zh, name_en, school_kind, rural, valid_from, valid_until, version
FROM unit WHERE code = ANY($1::text[])

-- name: set_contacts
INSERT INTO unit_contact (unit_id, unit_path, name, email, phone, updated_at)
SELECT n.unit_id, n.unit_path, n.name, n.email, n.phone, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS n (unit_id, unit_path, name, email, phone)
ORDER BY n.unit_id
ON CONFLICT (unit_id) DO UPDATE
SET unit_path = excluded.unit_path, name = excluded.name, email = excluded.email, phone = excluded.phone,
    updated_at = excluded.updated_at

-- name: under
SELECT u.unit_id, u.code, u.kind, u.level, u.path, u.name_zh, u.name_en, u.school_kind, u.rural, c.unit_id IS NOT NULL AS contact
FROM unit u LEFT JOIN unit_contact c USING (unit_id)
WHERE starts_with(u.path, $1) ORDER BY u.code LIMIT $2 OFFSET $3
