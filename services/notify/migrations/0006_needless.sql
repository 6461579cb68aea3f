-- Why a step for those without a receipt is not needed: the message arrived on another channel, or there was none to arrive.
-- NULL: it is needed.
CREATE FUNCTION needless(step reminder) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN coalesce(bool_or(o.state = 'delivered'), false) THEN 'has_receipt'
        WHEN NOT coalesce(bool_or(o.state IN ('accepted', 'failed', 'unreachable', 'in_doubt', 'sending')), false)
            THEN 'nothing_sent'
    END
    FROM reminder o
    WHERE o.subject_id = step.subject_id AND o.subject_kind = step.subject_kind AND o.recipient_id = step.recipient_id
      AND o.kind = step.kind AND o.occurrence = step.occurrence AND o.version = step.version
      AND o.message_id <> step.message_id
$$;
