-- name: known_lists
SELECT DISTINCT list FROM named_list WHERE owner = ANY($1::text[]) AND list = ANY($2::text[])

-- name: memberships
SELECT p.person_id, m.list FROM named_member m JOIN person p ON p.id_hash = m.member
WHERE m.owner = ANY($1::text[]) AND m.list = ANY($2::text[]) AND p.person_id = ANY(string_to_array($3, ','))
UNION
SELECT p.person_id, m.list FROM named_member m JOIN unit u ON u.code = m.member JOIN person p ON starts_with(p.unit_path, u.path)
WHERE m.owner = ANY($1::text[]) AND m.list = ANY($2::text[]) AND p.person_id = ANY(string_to_array($3, ','))

-- name: members
SELECT u.code FROM named_member m JOIN unit u ON u.code = m.member
WHERE m.owner = ANY($1::text[]) AND m.list = $2 ORDER BY u.code

-- name: attested
SELECT person_id, statement FROM attestation
WHERE programme_id = $1 AND cohort = $2 AND person_id = ANY(string_to_array($3, ','))

-- name: attest
INSERT INTO attestation (programme_id, cohort, person_id, statement, unit_path, attested_by, attested_by_name, attested_at)
SELECT $1, $2, p.person_id, s.statement, p.unit_path, $5, $6, $7
FROM person p CROSS JOIN unnest($4::text[]) AS s (statement)
WHERE p.person_id = ANY(string_to_array($3, ','))
ORDER BY p.person_id, s.statement
ON CONFLICT DO NOTHING

-- name: set_lists
INSERT INTO named_list (owner, list, set_at, set_by) SELECT $1, l.list, $3, $4 FROM unnest($2::text[]) AS l (list)
ON CONFLICT (owner, list) DO UPDATE SET set_at = excluded.set_at, set_by = excluded.set_by

-- name: clear_members
DELETE FROM named_member WHERE owner = $1 AND list = ANY($2::text[])

-- name: add_members
INSERT INTO named_member (owner, list, member) SELECT $1, n.list, n.member FROM unnest($2::text[], $3::text[]) AS n (list, member)
ON CONFLICT DO NOTHING

-- name: set_credentials
UPDATE person p SET roles = n.roles, stages = n.stages, trainer_since = n.trainer_since, updated_at = $2
FROM json_populate_recordset(NULL::person, $1::json) AS n WHERE p.person_id = n.person_id

-- name: counted
SELECT l.list, l.set_at, (SELECT count(*) FROM named_member m WHERE m.owner = l.owner AND m.list = l.list)::int AS members
FROM named_list l WHERE l.owner = $1
