-- name: keep
INSERT INTO receipt (out_id, delivered, code, reported_at, known)
SELECT r.out_id, r.delivered, r.code, r.reported_at, EXISTS (SELECT FROM attempt t WHERE t.attempt_id = r.out_id)
FROM unnest($1::text[], $2::bool[], $3::text[], $4::timestamptz[]) AS r(out_id, delivered, code, reported_at)
ON CONFLICT (out_id, delivered, code) DO NOTHING
RETURNING out_id, delivered, code, known;

-- name: settle_attempts
-- A receipt proves that the gateway had the message, whatever the call came to.
UPDATE attempt t SET state = 'accepted', lease_until = NULL, settled_by = coalesce(t.settled_by, 'receipt'),
    answered_at = coalesce(t.answered_at, $2)
WHERE t.attempt_id IN (SELECT attempt_id FROM attempt WHERE attempt_id = ANY ($1::text[]) ORDER BY attempt_id FOR UPDATE)
  AND t.state IN ('calling', 'in_doubt', 'lost');

-- name: settle_rows
-- Delivered stands above everything; a failure counts only for the row's last attempt, and never lowers delivered.
WITH said AS (
    SELECT t.message_id, bool_or(s.delivered) AS delivered, bool_or(s.out_id = r.attempt_id) AS last, max(s.code) AS code
    FROM unnest($1::text[], $2::bool[], $3::text[]) AS s(out_id, delivered, code)
    JOIN attempt t ON t.attempt_id = s.out_id JOIN reminder r ON r.message_id = t.message_id
    GROUP BY t.message_id
), before AS (
    SELECT r.message_id, r.state, r.stream_version FROM reminder r JOIN said USING (message_id)
    WHERE r.state IN ('planned', 'sending', 'in_doubt', 'accepted', 'failed')
      AND (said.delivered OR (said.last AND r.state <> 'failed' AND r.state <> 'planned'))
    ORDER BY r.message_id FOR UPDATE OF r
)
UPDATE reminder r SET
    state = CASE WHEN said.delivered THEN 'delivered' ELSE 'failed' END,
    reason = CASE WHEN said.delivered THEN 'sent' ELSE said.code END,
    queue_at = NULL, settled_at = $4,
    stream_version = b.stream_version + CASE WHEN b.state IN ('accepted', 'failed') THEN 1 ELSE 2 END
FROM before b JOIN said USING (message_id)
WHERE r.message_id = b.message_id
RETURNING r.message_id, r.kind, r.channel, r.occurrence, r.version, r.subject_kind, r.subject_id, r.person_id, r.unit_id,
    r.place_id, r.class_id, r.entry_id, r.proof, r.state, r.reason, r.stream_version, r.cause_id,
    r.correlation_id, r.traceparent, b.state AS before;
