-- name: add
INSERT INTO substitution (substitution_id, place_id, person_id, unit_path, institution_path, substitute_id, reason, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: asked
SELECT substitution_id, place_id, substitute_id, reason, asked_by, asked_at FROM substitution
WHERE place_id = $1 AND status = 'asked'

-- name: lock_asked
SELECT substitution_id, place_id, substitute_id, reason, asked_by, asked_at FROM substitution
WHERE place_id = $1 AND status = 'asked' FOR UPDATE

-- name: decide
UPDATE substitution SET status = $2, decided_by = $3, decided_at = $4, words = $5 WHERE substitution_id = $1

-- name: stood_in
SELECT EXISTS (SELECT FROM place WHERE person_id = $1 AND programme_id = $2 AND substitute_for IS NOT NULL
               AND ($3::text IS NULL OR project = $3) AND ($4::text IS NULL OR institution_id = $4))

-- name: could_stand_in
SELECT n.person_id, n.name FROM person n
WHERE n.unit_id = $1 AND NOT EXISTS (SELECT FROM place p WHERE p.person_id = n.person_id AND p.programme_id = $2
                                     AND p.cohort = $3 AND p.revoked_at IS NULL)
ORDER BY n.name, n.person_id LIMIT 200

-- name: page
SELECT s.place_id, s.status, s.reason, s.asked_at, s.decided_at, s.words, o.name, n.name AS substitute, u.name_zh, u.name_en
FROM substitution s
JOIN place p USING (place_id)
JOIN unit u ON u.unit_id = p.unit_id
LEFT JOIN person o ON o.person_id = s.person_id
LEFT JOIN person n ON n.person_id = s.substitute_id
ORDER BY s.status <> 'asked', s.asked_at DESC, s.substitution_id LIMIT 100

-- name: place_of
SELECT * FROM place WHERE place_id = $1
