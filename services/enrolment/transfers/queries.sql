-- name: add
INSERT INTO quota_move (move_id, programme_id, cohort, parent_unit_id, giver_unit_id, taker_unit_id, places, moved_by, moved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: moves
SELECT m.move_id, g.code AS giver, g.name_zh AS giver_zh, g.name_en AS giver_en, t.code AS taker, t.name_zh AS taker_zh,
       t.name_en AS taker_en, m.places, m.moved_at
FROM quota_move m JOIN unit g ON g.unit_id = m.giver_unit_id JOIN unit t ON t.unit_id = m.taker_unit_id
WHERE m.programme_id = $1 AND m.cohort = $2 AND m.parent_unit_id = $3
ORDER BY m.moved_at DESC, m.move_id LIMIT $4
