-- The event after which a message was planned: its id, and the correlation and trace that the message's events go on with.
ALTER TABLE reminder ADD COLUMN cause_id text, ADD COLUMN correlation_id text, ADD COLUMN traceparent text;
