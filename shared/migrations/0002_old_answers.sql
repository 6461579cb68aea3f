-- Answers of commands are removed when nobody repeats the command any more.
create index idempotency_age on idempotency (created_at);
