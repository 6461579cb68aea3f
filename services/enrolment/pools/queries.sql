-- name: open
INSERT INTO pool (pool_id, version, programme_id, policy_key, project, cohort, places, nominations)
SELECT n.pool_id, 1, n.programme_id, n.policy_key, n.project, n.cohort, n.places, n.nominations
FROM json_populate_recordset(NULL::pool, $1::json) AS n

-- name: lock
SELECT pool_id FROM pool WHERE programme_id = $1 AND cohort = $2 FOR UPDATE

-- name: pool
SELECT o.pool_id, o.version, o.programme_id, o.policy_key, o.project, o.cohort, o.places, o.nominations, o.institution_id,
       o.institution_path,
       (SELECT count(*) FROM place p
        WHERE p.programme_id = o.programme_id AND p.cohort = o.cohort AND p.revoked_at IS NULL)::int AS chosen,
       (SELECT count(*) FROM nomination n WHERE n.pool_id = o.pool_id)::int AS named
FROM pool o WHERE o.programme_id = $1 AND o.cohort = $2

-- name: shares
SELECT s.unit_id, u.code, s.unit_path, u.name_zh, u.name_en, s.nominations, s.synthetic,
       (SELECT count(*) FROM nomination n WHERE n.pool_id = s.pool_id AND n.nominated_by = s.unit_id)::int AS named
FROM pool_share s JOIN unit u USING (unit_id)
WHERE s.pool_id = $1 ORDER BY u.code

-- name: advance
UPDATE pool SET version = version + $2 WHERE pool_id = $1

-- name: set_shares
INSERT INTO pool_share (pool_id, unit_id, unit_path, nominations, synthetic)
SELECT n.pool_id, n.unit_id, n.unit_path, n.nominations, n.synthetic FROM json_populate_recordset(NULL::pool_share, $1::json) AS n
ON CONFLICT (pool_id, unit_id) DO UPDATE SET nominations = excluded.nominations, synthetic = excluded.synthetic

-- name: assign
UPDATE pool SET institution_id = $2, institution_path = $3 WHERE pool_id = $1

-- name: show_nominees
-- Who chooses sees the nominees, and nobody else's institution does.
UPDATE nomination SET institution_path = $2 WHERE pool_id = $1

-- name: receivers
-- The units right below the issuer, with their shares so far; an institution nominates nobody.
SELECT u.code, u.name_zh, u.name_en, c.unit_id IS NOT NULL AS contact, coalesce(s.nominations, 0) AS nominations,
       coalesce(s.synthetic, false) AS synthetic,
       (SELECT count(*) FROM nomination n WHERE n.pool_id = $1 AND n.nominated_by = u.unit_id)::int AS named
FROM unit u LEFT JOIN pool_share s ON s.pool_id = $1 AND s.unit_id = u.unit_id LEFT JOIN unit_contact c ON c.unit_id = u.unit_id
WHERE u.parent_id = $2 AND u.kind <> 'institution' AND (u.valid_until IS NULL OR u.valid_until >= $3 OR s.nominations > 0)
ORDER BY u.code
