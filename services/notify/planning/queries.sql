-- name: lock_planned
SELECT message_id FROM reminder WHERE subject_id = ANY ($1::text[]) AND state = 'planned'
ORDER BY message_id FOR UPDATE;

-- name: existing
SELECT message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, version, template, announced, previous,
       due_at, latest_useful, gather, state
FROM reminder WHERE subject_id = ANY ($1::text[]);

-- name: insert
INSERT INTO reminder (
    message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, occurrence, version, channel, policy_key, template,
    person_id, unit_id, place_id, class_id, entry_id, unit_path, institution_path, announced, previous, due_at, queue_at,
    latest_useful, only_if, gather, proof, invitation, state, reason, merged_into, planned_at, settled_at)
SELECT message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, occurrence, version, channel, policy_key, template,
    person_id, unit_id, place_id, class_id, entry_id, unit_path, institution_path, announced, previous, due_at,
    CASE WHEN state = 'planned' THEN due_at END,
    latest_useful, only_if, gather, proof, invitation, state, reason, merged_into, $2,
    CASE WHEN state <> 'planned' THEN $2 END
FROM jsonb_populate_recordset(NULL::reminder, $1);

-- name: plan_again
-- A row that is in a dispatcher's hands keeps its lease; its last look sees what changed.
UPDATE reminder r SET
    state = 'planned', reason = NULL, merged_into = NULL, settled_at = NULL, template = n.template,
    announced = n.announced, previous = n.previous, due_at = n.due_at, queue_at = n.due_at,
    latest_useful = n.latest_useful, gather = n.gather, planned_at = $2
FROM jsonb_populate_recordset(NULL::reminder, $1) n
WHERE r.message_id = n.message_id AND r.state IN ('planned', 'withdrawn', 'not_needed');

-- name: close
UPDATE reminder r SET state = c.state, reason = c.reason, merged_into = c.merged_into, queue_at = NULL, settled_at = $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS c(message_id, state, reason, merged_into)
WHERE r.message_id = c.message_id AND r.state = 'planned';

-- name: last_sweep
SELECT max(day) FROM sweep;

-- name: note_sweep
INSERT INTO sweep (day, subjects, drift) VALUES ($1, $2, $3)
ON CONFLICT (day) DO UPDATE SET subjects = excluded.subjects, drift = sweep.drift + excluded.drift;

-- name: measures
SELECT
    (SELECT coalesce(sum(drift), 0) FROM sweep) AS drift_found,
    (SELECT count(*) FROM reminder WHERE queue_at <= $1) AS reminders_due,
    (SELECT count(*) FROM reminder WHERE queue_at <= $1 - interval '10 minutes') AS reminders_late,
    (SELECT count(*) FROM reminder WHERE queue_at IS NOT NULL) AS reminders_planned,
    (SELECT count(*) FROM attempt WHERE state = 'in_doubt') AS attempts_in_doubt;
