-- name: insert
INSERT INTO nomination (nomination_id, pool_id, person_id, unit_id, unit_path, institution_path, nominated_by, nominated_at,
                        met_every_condition, overridden, override_reason)
SELECT n.nomination_id, n.pool_id, n.person_id, n.unit_id, n.unit_path, n.institution_path, n.nominated_by, n.nominated_at,
       n.met_every_condition, n.overridden, n.override_reason
FROM json_populate_recordset(NULL::nomination, $1::json) AS n

-- name: named
SELECT person_id, nomination_id FROM nomination WHERE pool_id = $1 AND person_id = ANY($2::text[])

-- name: listed
SELECT n.nomination_id, n.person_id, p.name, n.nominated_at, n.met_every_condition, n.overridden, n.override_reason,
       n.chosen_at, n.not_chosen_at, n.not_chosen_reason, u.name_zh AS unit_zh, u.name_en AS unit_en, b.name_zh AS by_zh,
       b.name_en AS by_en, count(*) OVER () AS total
FROM nomination n JOIN unit u USING (unit_id) JOIN unit b ON b.unit_id = n.nominated_by LEFT JOIN person p USING (person_id)
WHERE n.pool_id = $1 AND ($2::text IS NULL OR starts_with(n.unit_path, $2))
ORDER BY b.code, u.code, p.name, n.nomination_id LIMIT $3 OFFSET $4

-- name: own_shares
SELECT o.programme_id, o.cohort FROM pool_share s JOIN pool o USING (pool_id) WHERE s.unit_id = $1 AND s.nominations > 0

-- name: own_pools
-- What there is to share out, to nominate and to choose; people are counted as far as the connection sees them.
SELECT o.policy_key, o.project, o.cohort, o.places, o.nominations, g.issuer_path = $1 AS issuing, coalesce(o.institution_path = $1, false) AS choosing,
       s.nominations AS share, coalesce(s.synthetic, false) AS synthetic,
       (SELECT count(*) FROM nomination n WHERE n.pool_id = o.pool_id)::int AS named,
       (SELECT count(*) FROM nomination n WHERE n.pool_id = o.pool_id AND n.chosen_at IS NOT NULL)::int AS chosen,
       (SELECT count(*) FROM nomination n WHERE n.pool_id = o.pool_id AND n.chosen_at IS NULL AND n.not_chosen_at IS NULL)::int AS waiting
FROM pool o JOIN programme g USING (programme_id) LEFT JOIN pool_share s ON s.pool_id = o.pool_id AND s.unit_path = $1
ORDER BY g.year DESC, o.policy_key, o.cohort
