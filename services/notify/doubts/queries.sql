-- name: open_doubts
SELECT t.attempt_id, t.message_id, t.channel, t.address, t.title, t.called_at, t.code, t.unit_path, r.kind, r.template,
       r.occurrence, r.policy_key, r.announced, r.person_id, r.unit_id, r.class_id
FROM attempt t JOIN reminder r ON r.message_id = t.message_id
WHERE t.state = 'in_doubt' ORDER BY t.called_at, t.attempt_id LIMIT 200;

-- name: doubt
SELECT attempt_id, message_id, channel, unit_path, state FROM attempt WHERE attempt_id = $1;
