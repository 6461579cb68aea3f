-- name: years
SELECT p.key, p.revision, p.year, p.issuer_path, p.drafted_at, p.published_at, u.code AS issuer, u.name_zh AS issuer_zh,
       u.name_en AS issuer_en, p.policy -> 'policy' -> 'names' ->> 'zh' AS zh, p.policy -> 'policy' -> 'names' ->> 'en' AS en,
       jsonb_path_exists(p.policy, '$.**.assumed ? (@ == true)') AS assumed,
       jsonb_path_exists(p.policy, '$.** ? (@.synthetic == true || @.allocation_synthetic == true || @.invented == true)') AS synthetic
FROM programme p JOIN unit u ON u.unit_id = p.issuer_unit_id
ORDER BY p.year DESC, p.key

-- name: units
SELECT count(*) FROM unit
