-- name: lines
-- Of one class: its own reminders, those of its places, documents and ban entries. Of one person: all.
SELECT message_id, subject_kind, subject_id, recipient_kind, recipient_id, kind, occurrence, version, channel, policy_key,
       announced, previous, due_at, state, reason, settled_at, attempt_id
FROM reminder
WHERE ($1::text IS NULL OR subject_id IN (
        SELECT $1 UNION ALL SELECT place_id FROM place WHERE class_id = $1
        UNION ALL SELECT document_id FROM document WHERE class_id = $1
        UNION ALL SELECT entry_id FROM entry WHERE class_id = $1))
  AND ($2::text IS NULL OR person_id = $2)
  AND ($3::text IS NULL OR kind = $3)
ORDER BY due_at, channel DESC, message_id LIMIT $4;

-- name: accepted
-- What the channels took: each accepted attempt is a message at its receiver's.
SELECT t.channel, count(*)::int AS n FROM attempt t JOIN reminder r USING (message_id)
WHERE t.state = 'accepted'
  AND ($1::text IS NULL OR r.subject_id IN (
        SELECT $1 UNION ALL SELECT place_id FROM place WHERE class_id = $1
        UNION ALL SELECT document_id FROM document WHERE class_id = $1
        UNION ALL SELECT entry_id FROM entry WHERE class_id = $1))
  AND ($2::text IS NULL OR r.person_id = $2)
GROUP BY t.channel;

-- name: states
SELECT state, channel, count(*)::int AS n FROM reminder
WHERE ($1::text IS NULL OR subject_id IN (
        SELECT $1 UNION ALL SELECT place_id FROM place WHERE class_id = $1
        UNION ALL SELECT document_id FROM document WHERE class_id = $1
        UNION ALL SELECT entry_id FROM entry WHERE class_id = $1))
  AND ($2::text IS NULL OR person_id = $2)
GROUP BY state, channel;

-- name: classes
SELECT c.class_id, c.name_zh, c.name_en, c.starts_on, c.cancelled_at IS NOT NULL AS cancelled,
       (count(*) FILTER (WHERE r.state IN ('accepted', 'delivered')))::int AS handed,
       (count(*) FILTER (WHERE r.state IN ('failed', 'unreachable', 'in_doubt', 'listed')))::int AS worries,
       min(r.due_at) FILTER (WHERE r.state = 'planned' AND r.channel <> 'call_list') AS next
FROM class c JOIN reminder r ON r.class_id = c.class_id
GROUP BY c.class_id ORDER BY c.starts_on DESC, c.class_id LIMIT 200;

-- name: one_class
-- A class is in scope by its institution, or by a place on its list (place is filtered by its own policy).
SELECT class_id, name_zh, name_en, starts_on, cancelled_at FROM class
WHERE class_id = $1 AND (in_scope(NULL, institution_path, NULL) OR EXISTS (SELECT FROM place WHERE class_id = $1));

-- name: attempts
SELECT t.attempt_id, t.message_id, t.channel, t.address, t.title, t.body, t.parts, t.state, t.code, t.called_at, t.answered_at
FROM attempt t WHERE t.message_id = ANY ($1::text[]) ORDER BY t.called_at, t.attempt_id;

-- name: units
SELECT unit_id, name_zh, name_en FROM unit WHERE unit_id = ANY ($1::text[]);

-- name: roles
SELECT p.key, term ->> 'key' AS role, term -> 'names' ->> 'zh' AS zh, term -> 'names' ->> 'en' AS en
FROM programme p, jsonb_array_elements(p.policy -> 'terms' -> 'staff_roles') AS term
WHERE p.key = ANY ($1::text[]);

-- name: plans
SELECT p.key, plan ->> 'key' AS kind, plan -> 'names' ->> 'zh' AS zh, plan -> 'names' ->> 'en' AS en
FROM programme p, jsonb_array_elements(p.policy -> 'reminders' -> 'plans') AS plan
WHERE p.key = ANY ($1::text[]);
