-- name: lock_planned
SELECT message_id FROM reminder WHERE subject_id = ANY ($1::text[]) AND state = 'planned'
ORDER BY message_id FOR UPDATE;

-- name: existing
SELECT message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, version, template, announced, previous,
       due_at, latest_useful, gather, state, reason
FROM reminder WHERE subject_id = ANY ($1::text[]);

-- name: insert
INSERT INTO reminder (
    message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, occurrence, version, channel, policy_key, template,
    person_id, unit_id, place_id, class_id, entry_id, unit_path, institution_path, announced, previous, due_at, queue_at,
    latest_useful, only_if, gather, proof, invitation, state, reason, merged_into, cause_id, correlation_id, traceparent,
    planned_at, settled_at)
SELECT message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, occurrence, version, channel, policy_key, template,
    person_id, unit_id, place_id, class_id, entry_id, unit_path, institution_path, announced, previous, due_at,
    CASE WHEN state = 'planned' THEN due_at END,
    latest_useful, only_if, gather, proof, invitation, state, reason, merged_into, cause_id, correlation_id, traceparent,
    $2::timestamptz,
    CASE WHEN state <> 'planned' THEN $2::timestamptz END
FROM jsonb_populate_recordset(NULL::reminder, $1);

-- name: plan_again
-- A row that is in a dispatcher's hands keeps its lease; its last look sees what changed. Its cause is what changed it last;
-- a sweep has none.
UPDATE reminder r SET
    state = 'planned', reason = NULL, merged_into = NULL, settled_at = NULL, template = n.template,
    announced = n.announced, previous = n.previous, due_at = n.due_at, queue_at = n.due_at,
    latest_useful = n.latest_useful, gather = n.gather, planned_at = $2, cause_id = coalesce(n.cause_id, r.cause_id),
    correlation_id = coalesce(n.correlation_id, r.correlation_id), traceparent = coalesce(n.traceparent, r.traceparent)
FROM jsonb_populate_recordset(NULL::reminder, $1) n
WHERE r.message_id = n.message_id AND r.state IN ('planned', 'withdrawn', 'not_needed');

-- name: close
UPDATE reminder r SET state = c.state, reason = c.reason, merged_into = c.merged_into, queue_at = NULL, settled_at = $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS c(message_id, state, reason, merged_into)
WHERE r.message_id = c.message_id AND r.state = 'planned';

-- name: unmerge
-- Rows that were to go out with a message that will not go out stand for themselves again.
UPDATE reminder SET state = 'planned', reason = NULL, merged_into = NULL, settled_at = NULL, queue_at = due_at
WHERE merged_into = ANY ($1::text[]) AND state = 'merged' AND reason = 'gathered';
