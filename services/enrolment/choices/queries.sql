-- name: nominees
SELECT nomination_id, person_id, unit_id, unit_path, met_every_condition, overridden, override_reason, chosen_at, not_chosen_at
FROM nomination WHERE pool_id = $1 AND nomination_id = ANY($2::text[])

-- name: set_chosen
UPDATE nomination n SET chosen_at = c.chosen_at, place_id = c.place_id
FROM json_populate_recordset(NULL::nomination, $1::json) AS c WHERE n.nomination_id = c.nomination_id

-- name: set_passed
UPDATE nomination n SET not_chosen_at = $2, not_chosen_reason = c.not_chosen_reason
FROM json_populate_recordset(NULL::nomination, $1::json) AS c WHERE n.nomination_id = c.nomination_id
