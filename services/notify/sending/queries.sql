-- name: expire
-- Here and below: a row that a planner or another dispatcher holds is looked at in the next round, not waited for.
UPDATE reminder SET state = 'too_late', reason = 'past_latest_useful', queue_at = NULL, settled_at = $1
WHERE message_id = ANY (ARRAY(
    SELECT message_id FROM reminder
    WHERE queue_at <= $1 AND state = 'planned' AND latest_useful + interval '1 second' <= $1
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    FOR UPDATE SKIP LOCKED))
RETURNING message_id;

-- name: not_needed
UPDATE reminder r SET state = 'not_needed', queue_at = NULL, settled_at = $1, reason = d.needless
FROM (SELECT message_id, needless(s) FROM reminder s
      WHERE queue_at <= $1 AND only_if = 'no_receipt' AND state = 'planned'
        AND (lease_until IS NULL OR lease_until < clock_timestamp())
      FOR UPDATE SKIP LOCKED) d
WHERE r.message_id = d.message_id AND d.needless IS NOT NULL
RETURNING r.message_id;

-- name: list_calls
-- Asked again: a planner may have held the row above, or the receipt came in between.
UPDATE reminder SET state = 'listed', reason = 'no_receipt', queue_at = NULL, settled_at = $1
WHERE message_id = ANY (ARRAY(
    SELECT message_id FROM reminder r WHERE queue_at <= $1 AND state = 'planned' AND channel = 'call_list'
      AND (only_if IS NULL OR needless(r) IS NULL)
    FOR UPDATE SKIP LOCKED))
RETURNING message_id;

-- name: gather
WITH due AS (
    SELECT message_id, gather, queue_at FROM reminder
    WHERE queue_at <= $1 AND gather IS NOT NULL AND state = 'planned'
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY message_id FOR UPDATE SKIP LOCKED
), ranked AS (
    SELECT message_id, first_value(message_id) OVER w AS lead, row_number() OVER w AS place FROM due
    WINDOW w AS (PARTITION BY gather ORDER BY queue_at DESC, message_id)
)
UPDATE reminder r SET state = 'merged', reason = 'gathered', merged_into = k.lead, queue_at = NULL, settled_at = $1
FROM ranked k WHERE r.message_id = k.message_id AND k.place > 1
RETURNING r.message_id;

-- name: claim
UPDATE reminder r SET lease_token = $2, lease_until = clock_timestamp() + make_interval(secs => $4)
WHERE r.message_id = ANY (ARRAY(
    SELECT message_id FROM reminder
    WHERE queue_at <= $1 AND state = 'planned' AND channel = $3
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
      AND (retry_at IS NULL OR retry_at <= clock_timestamp())
      AND (latest_useful IS NULL OR latest_useful + interval '1 second' > $1)
    ORDER BY queue_at LIMIT $5 FOR UPDATE SKIP LOCKED))
RETURNING message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, version, channel, policy_key, template,
    person_id, unit_id, place_id, class_id, entry_id, unit_path, institution_path, announced, previous, latest_useful,
    invitation, tries,
    ARRAY(SELECT m.subject_id FROM reminder m WHERE m.merged_into = r.message_id AND m.reason = 'gathered'
          ORDER BY m.subject_id) AS merged;

-- name: release
UPDATE reminder SET lease_token = NULL, lease_until = NULL WHERE message_id = ANY ($2::text[]) AND lease_token = $1
  AND state = 'planned';

-- name: postpone
UPDATE reminder r SET queue_at = p.until, lease_token = NULL, lease_until = NULL
FROM unnest($2::text[], $3::timestamptz[]) AS p(message_id, until)
WHERE r.message_id = p.message_id AND r.lease_token = $1 AND r.state = 'planned';

-- name: withdraw_superseded
UPDATE reminder r SET state = 'withdrawn', reason = 'superseded', queue_at = NULL, settled_at = $3
FROM class c
WHERE r.message_id = ANY ($2::text[]) AND r.lease_token = $1 AND r.state = 'planned' AND r.subject_kind = 'class'
  AND c.class_id = r.subject_id AND r.version < c.date_version
RETURNING r.message_id;

-- name: hold
-- The last look, under the row's lock: still ours, still wanted, still useful, still the announced date, still no receipt.
SELECT message_id, channel, person_id, unit_path, institution_path FROM reminder r
WHERE message_id = ANY ($2::text[]) AND lease_token = $1 AND lease_until > clock_timestamp() AND state = 'planned'
  AND (latest_useful IS NULL OR latest_useful + interval '1 second' > $3)
  AND (only_if IS NULL OR needless(r) IS NULL)
  AND (subject_kind <> 'class'
       OR NOT EXISTS (SELECT FROM class c WHERE c.class_id = r.subject_id AND c.date_version > r.version))
ORDER BY message_id FOR UPDATE;

-- name: take
-- By key alone: states under way are in no statistics, and a plan that begins with them compares each row with each attempt.
UPDATE reminder r SET state = 'sending', attempt_id = a.attempt_id, queue_at = NULL, tries = r.tries + 1,
    lease_token = NULL, lease_until = NULL
FROM unnest($1::text[], $2::text[]) AS a(message_id, attempt_id)
WHERE r.message_id = a.message_id;

-- name: attempt
INSERT INTO attempt (message_id, attempt_id, address, title, body, parts, channel, person_id, unit_path, institution_path,
                     state, called_at, lease_until)
SELECT *, 'calling', $11, clock_timestamp() + make_interval(secs => $12)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[],
            $10::text[]);

-- name: unreachable
UPDATE reminder r SET state = 'unreachable', reason = u.reason, queue_at = NULL, settled_at = $4, lease_token = NULL,
    lease_until = NULL, stream_version = r.stream_version + 1
FROM unnest($2::text[], $3::text[]) AS u(message_id, reason)
WHERE r.message_id = u.message_id AND r.lease_token = $1 AND r.state = 'planned'
RETURNING r.message_id, r.kind, r.channel, r.occurrence, r.version, r.subject_kind, r.subject_id, r.person_id, r.unit_id,
    r.place_id, r.class_id, r.entry_id, r.proof, r.state, r.reason, r.stream_version, r.cause_id,
    r.correlation_id, r.traceparent;

-- name: answer_attempts
-- An attempt that was given up keeps its state; the late answer is noted as evidence and changes nothing. What is answered so
-- already stays as it is: the note is repeated when nobody knows whether it was committed. Locked in the receipts' order.
UPDATE attempt t SET
    state = CASE WHEN t.state IN ('calling', 'in_doubt') THEN a.state ELSE t.state END,
    code = CASE WHEN t.state IN ('calling', 'in_doubt') THEN a.code
                WHEN t.state = a.state AND t.answered_at IS NOT NULL THEN coalesce(t.code, a.code)
                ELSE 'late ' || a.code END,
    provider_ref = coalesce(a.reference, t.provider_ref), lease_until = NULL,
    answered_at = CASE WHEN t.state = a.state AND t.answered_at IS NOT NULL THEN t.answered_at ELSE $6 END,
    settled_by = coalesce($5, t.settled_by)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS a(attempt_id, state, code, reference)
WHERE t.attempt_id = a.attempt_id
  AND t.attempt_id IN (SELECT attempt_id FROM attempt WHERE attempt_id = ANY ($1::text[]) ORDER BY attempt_id FOR UPDATE);

-- name: under_way
-- Guarded by the attempt: only the row's own last attempt decides.
SELECT message_id, attempt_id, state FROM reminder
WHERE message_id = ANY ($1::text[]) AND attempt_id = ANY ($2::text[]) AND state IN ('sending', 'in_doubt')
ORDER BY message_id FOR UPDATE;

-- name: answer_rows
UPDATE reminder r SET
    state = a.state, reason = a.reason, settled_at = CASE WHEN a.state IN ('accepted', 'failed') THEN $5::timestamptz END,
    queue_at = CASE WHEN a.state = 'planned' THEN r.due_at END,
    retry_at = CASE WHEN a.state = 'planned' THEN clock_timestamp() + make_interval(secs => a.wait) END,
    stream_version = r.stream_version + CASE WHEN a.state IN ('accepted', 'failed') THEN 1 ELSE 0 END
FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) AS a(message_id, state, reason, wait)
WHERE r.message_id = a.message_id
RETURNING r.message_id, r.kind, r.channel, r.occurrence, r.version, r.subject_kind, r.subject_id, r.person_id, r.unit_id,
    r.place_id, r.class_id, r.entry_id, r.proof, r.state, r.reason, r.stream_version, r.cause_id,
    r.correlation_id, r.traceparent;

-- name: call_sooner
-- What failed on the phone goes onto the call list now, not when the ladder says.
UPDATE reminder c SET queue_at = $2
FROM reminder f
WHERE f.message_id = ANY ($1::text[]) AND f.channel = 'sms' AND c.channel = 'call_list' AND c.state = 'planned'
  AND c.subject_id = f.subject_id AND c.subject_kind = f.subject_kind AND c.recipient_id = f.recipient_id
  AND c.kind = f.kind AND c.occurrence = f.occurrence AND c.version = f.version AND c.queue_at > $2;

-- name: lose_leases
-- A caller that died or stands still: what became of its call, nobody knows.
WITH lost AS (
    UPDATE attempt SET state = 'in_doubt', lease_until = NULL, code = 'no-answer'
    WHERE state = 'calling' AND lease_until < clock_timestamp()
    RETURNING attempt_id, message_id
)
UPDATE reminder r SET state = 'in_doubt', reason = 'no-answer' FROM lost
WHERE r.message_id = lost.message_id AND r.attempt_id = lost.attempt_id AND r.state = 'sending'
RETURNING r.message_id;

-- name: doubts
SELECT attempt_id, message_id, called_on < clock_timestamp() - make_interval(secs => $2) AS old FROM attempt
WHERE state = 'in_doubt' AND channel = $1 ORDER BY called_on LIMIT $3;

-- name: send_again
WITH lost AS (
    UPDATE attempt SET state = 'lost', settled_by = $2, answered_at = $3
    WHERE attempt_id = ANY ($1::text[]) AND state = 'in_doubt'
    RETURNING attempt_id, message_id
)
UPDATE reminder r SET state = 'planned', reason = NULL, queue_at = r.due_at FROM lost
WHERE r.message_id = lost.message_id AND r.attempt_id = lost.attempt_id AND r.state = 'in_doubt'
RETURNING r.message_id;

-- name: next_due
SELECT least(
    (SELECT min(queue_at) FROM reminder WHERE queue_at IS NOT NULL),
    (SELECT min(called_at) FROM attempt WHERE state IN ('calling', 'in_doubt')
                                          AND (state = 'calling' OR channel = 'sms')));
