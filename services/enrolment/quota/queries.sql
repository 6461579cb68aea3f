-- name: lock_family
SELECT cell_id FROM quota_cell WHERE cell_id = $1 OR parent_cell_id = $1 ORDER BY cell_id FOR UPDATE

-- name: family
SELECT cell_id FROM quota_cell WHERE cell_id = $1 OR parent_cell_id = $1

-- name: lock_siblings
SELECT cell_id FROM quota_cell
WHERE programme_id = $1 AND cohort = $2 AND (cell_id = $3 OR parent_cell_id IS NOT DISTINCT FROM $3)
ORDER BY cell_id FOR UPDATE

-- name: lock_first_level
SELECT cell_id FROM quota_cell WHERE programme_id = $1 AND cohort = $2 AND parent_cell_id IS NULL ORDER BY cell_id FOR UPDATE

-- name: lock_of_units
SELECT cell_id FROM quota_cell WHERE programme_id = $1 AND cohort = $2 AND unit_id = ANY($3::text[]) ORDER BY cell_id FOR UPDATE

-- name: cells
SELECT c.cell_id, c.parent_cell_id, c.programme_id, c.policy_key, c.project, c.cohort, c.unit_id, c.unit_path, c.places,
       c.synthetic, c.version, u.name_zh, u.name_en,
       (SELECT count(*) FROM place p
        WHERE p.programme_id = c.programme_id AND p.cohort = c.cohort AND p.unit_id = c.unit_id AND p.revoked_at IS NULL) AS selected,
       (SELECT coalesce(sum(k.places), 0) FROM quota_cell k WHERE k.parent_cell_id = c.cell_id) AS passed
FROM quota_cell c JOIN unit u USING (unit_id)
WHERE c.cell_id = ANY($1::text[])
ORDER BY u.code

-- name: cell_of_unit
SELECT cell_id FROM quota_cell WHERE programme_id = $1 AND cohort = $2 AND unit_id = $3

-- name: cells_under
SELECT c.cell_id FROM quota_cell c WHERE c.programme_id = $1 AND c.cohort = $2 AND starts_with(c.unit_path, $3)

-- name: insert
INSERT INTO quota_cell (cell_id, parent_cell_id, unit_id, unit_path, places, synthetic, project, cohort, programme_id, policy_key, version)
SELECT n.cell_id, n.parent_cell_id, n.unit_id, n.unit_path, n.places, n.synthetic, n.project, n.cohort, $9, $10, 1
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::boolean[], $7::text[], $8::text[])
     AS n (cell_id, parent_cell_id, unit_id, unit_path, places, synthetic, project, cohort)

-- name: set_places
UPDATE quota_cell c SET places = n.places, version = n.version, synthetic = n.synthetic
FROM unnest($1::text[], $2::int[], $3::int[], $4::boolean[]) AS n (cell_id, places, version, synthetic)
WHERE c.cell_id = n.cell_id

-- name: parts
WITH filled AS (
    SELECT f.unit_id, count(*) AS n, count(*) FILTER (WHERE p.unit_id = f.unit_id) AS own
    FROM place p, split_part(substr(p.unit_path, length($4) + 1), '/', 1) AS f (unit_id)
    WHERE p.programme_id = $1 AND p.cohort = $2 AND p.revoked_at IS NULL AND starts_with(p.unit_path, $4)
    GROUP BY 1),
     below AS (
    SELECT parent_cell_id AS cell_id, sum(places)::int AS n FROM quota_cell
    WHERE programme_id = $1 AND cohort = $2 GROUP BY 1)
SELECT u.unit_id, u.code, u.name_zh, u.name_en, c.unit_id IS NOT NULL AS contact, coalesce(q.places, 0) AS places,
       coalesce(b.n, 0) AS passed, coalesce(f.n, 0) AS selected,
       coalesce(b.n, 0) + coalesce(f.own, 0) AS bound, coalesce(q.synthetic, false) AS synthetic
FROM unit u
     LEFT JOIN quota_cell q ON q.programme_id = $1 AND q.cohort = $2 AND q.unit_id = u.unit_id
     LEFT JOIN below b ON b.cell_id = q.cell_id
     LEFT JOIN filled f ON f.unit_id = u.unit_id
     LEFT JOIN unit_contact c ON c.unit_id = u.unit_id
WHERE u.parent_id = $3 AND u.level IS NOT NULL AND (u.valid_until IS NULL OR u.valid_until >= $5 OR q.places > 0)
ORDER BY u.code

-- name: first_parts
-- The units that a table hands places to: those of its list, or those right below its issuer.
SELECT u.unit_id, u.code, u.name_zh, u.name_en, c.unit_id IS NOT NULL AS contact, coalesce(q.places, 0) AS places,
       coalesce((SELECT sum(k.places)::int FROM quota_cell k WHERE k.parent_cell_id = q.cell_id), 0) AS passed,
       (SELECT count(*) FROM place p WHERE p.programme_id = $1 AND p.cohort = $2 AND p.revoked_at IS NULL
        AND starts_with(p.unit_path, u.path))::int AS selected, 0 AS bound, coalesce(q.synthetic, false) AS synthetic
FROM unit u
     LEFT JOIN quota_cell q ON q.programme_id = $1 AND q.cohort = $2 AND q.unit_id = u.unit_id
     LEFT JOIN unit_contact c ON c.unit_id = u.unit_id
WHERE CASE WHEN $4::text[] = '{}' THEN u.parent_id = $3 AND u.level IS NOT NULL ELSE u.code = ANY($4::text[]) END
  AND (u.valid_until IS NULL OR u.valid_until >= $5 OR q.places > 0)
ORDER BY u.code

-- name: given
WITH own AS (
    SELECT q.programme_id, q.cohort, q.places, q.synthetic,
           (SELECT coalesce(sum(k.places), 0)::int FROM quota_cell k WHERE k.parent_cell_id = q.cell_id) AS passed
    FROM quota_cell q WHERE q.unit_id = $1
    UNION ALL
    SELECT q.programme_id, q.cohort, sum(q.places)::int, bool_or(q.synthetic), sum(q.places)::int
    FROM quota_cell q JOIN programme p USING (programme_id)
    WHERE q.parent_cell_id IS NULL AND p.issuer_unit_id = $1
    GROUP BY 1, 2)
SELECT o.programme_id, o.cohort, o.places, o.passed, o.synthetic,
       (SELECT count(*) FROM place p WHERE p.programme_id = o.programme_id AND p.cohort = o.cohort AND p.revoked_at IS NULL
        AND starts_with(p.unit_path, $2))::int AS selected
FROM own o

-- name: selected_by
SELECT count(*) FROM place WHERE programme_id = $1 AND cohort = $2 AND unit_id = $3 AND revoked_at IS NULL
