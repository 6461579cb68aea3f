-- name: lock_family
SELECT cell_id FROM quota_cell WHERE cell_id = $1 OR parent_cell_id = $1 ORDER BY cell_id FOR UPDATE

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
UPDATE quota_cell c SET places = n.places, version = n.version
FROM unnest($1::text[], $2::int[], $3::int[]) AS n (cell_id, places, version)
WHERE c.cell_id = n.cell_id
