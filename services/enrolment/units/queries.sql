-- name: hold_tree
SELECT pg_advisory_xact_lock(hashtext('enrolment.units'))

-- name: known
SELECT unit_id, code, kind, level, parent_id, path, name_zh, name_en, school_kind, rural, valid_from, valid_until, version
FROM unit WHERE code = ANY($1::text[])

-- name: set_kinds
INSERT INTO unit_kind (kind, level, depth, name_zh, name_en)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[])
ON CONFLICT (kind) DO UPDATE
SET level = excluded.level, depth = excluded.depth, name_zh = excluded.name_zh, name_en = excluded.name_en

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

-- name: browse
SELECT u.unit_id, u.code, u.kind, u.school_kind, u.name_zh, u.name_en, u.valid_until, p.name_zh AS superior_zh,
       p.name_en AS superior_en, c.name AS contact, k.name_zh AS kind_zh, k.name_en AS kind_en,
       (SELECT count(*) FROM unit b WHERE b.parent_id = u.unit_id) AS below, count(*) OVER () AS total
FROM unit u LEFT JOIN unit_contact c USING (unit_id) LEFT JOIN unit p ON p.unit_id = u.parent_id
     LEFT JOIN unit_kind k ON k.kind = u.kind
WHERE starts_with(u.path, $1) AND ($2::text IS NULL OR u.parent_id = $2)
  AND ($3::text IS NULL OR starts_with(u.code, $3) OR strpos(u.name_zh, $3) > 0 OR strpos(lower(u.name_en), lower($3)) > 0)
  AND (NOT $4 OR (c.unit_id IS NULL AND (u.valid_until IS NULL OR u.valid_until >= $5)))
ORDER BY u.code LIMIT $6 OFFSET $7

-- name: missing
SELECT count(*) FROM unit u
WHERE starts_with(u.path, $1) AND (u.valid_until IS NULL OR u.valid_until >= $2)
  AND NOT EXISTS (SELECT FROM unit_contact c WHERE c.unit_id = u.unit_id)

-- name: card
SELECT u.unit_id, u.code, u.path, u.kind, u.school_kind, u.name_zh, u.name_en, u.valid_from, u.valid_until, k.name_zh AS kind_zh,
       k.name_en AS kind_en, c.name AS contact, c.email, c.phone, c.updated_at
FROM unit u LEFT JOIN unit_contact c USING (unit_id) LEFT JOIN unit_kind k ON k.kind = u.kind
WHERE u.code = $1

-- name: line
SELECT code, path, name_zh, name_en FROM unit WHERE starts_with($1, path) ORDER BY length(path)

-- name: institutions
SELECT code, name_zh, name_en FROM unit
WHERE kind = 'institution' AND (valid_until IS NULL OR valid_until >= $2)
  AND EXISTS (SELECT FROM unnest($1::text[]) AS p (path) WHERE starts_with(unit.path, p.path))
ORDER BY code
