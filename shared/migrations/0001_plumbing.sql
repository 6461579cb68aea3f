-- What every service needs beside its own tables. ":writer" and ":reader" are replaced by the service's role names.

-- Events that are committed and not yet acknowledged by Kafka; the relay deletes what was acknowledged.
create table outbox (
    seq bigserial primary key,
    topic text not null,
    key text not null,
    headers bytea not null,
    payload bytea not null,
    created_at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The next offset that a consumer reads from each partition. Topics stand here without the deployment's prefix.
create table consumer_offset (
    consumer text not null,
    topic text not null,
    partition int not null,
    next bigint not null check (next >= 0),
    primary key (consumer, topic, partition)
) with (fillfactor = 50);

-- The last version of each stream that a consumer applied. A stream with a parked event has a row, if only with 0.
create table stream_cursor (
    consumer text not null,
    stream text not null,
    version int not null check (version >= 0),
    primary key (consumer, stream)
) with (fillfactor = 70);

-- Records that could not be applied, with their raw bytes: the failing one and what waits behind it.
create table parked (
    id bigserial primary key,
    consumer text not null,
    topic text not null,
    partition int not null,
    "offset" bigint not null,
    stream text,
    version int,
    key bytea,
    headers bytea not null,
    payload bytea,
    reason text not null,
    error text not null,
    attempts int not null default 1,
    parked_at timestamptz not null default clock_timestamp(),
    unique (consumer, topic, partition, "offset")
);
create unique index parked_once on parked (consumer, stream, version) where version is not null;

-- The answer of each command by its Idempotency-Key; status and answer are null while the command runs.
create table idempotency (
    key text not null,
    principal text not null,
    route text not null,
    request_hash bytea not null,
    status int,
    answer bytea,
    created_at timestamptz not null default clock_timestamp(),
    primary key (principal, key)
);

-- The simulated instant (stepped clock only).
create table business_clock (
    "only" bool primary key default true check ("only"),
    instant timestamptz not null
);

-- The unit tree: written by enrolment's commands, projected by the others.
create table unit (
    unit_id text primary key,
    code text not null,
    kind text not null,
    level text,
    parent_id text,
    path text not null,
    name_zh text not null,
    name_en text not null,
    school_kind text,
    rural bool not null default false,
    valid_from date,
    valid_until date,
    version int not null
);
create index unit_code on unit (code);
create index unit_path on unit (path text_pattern_ops);

-- Row-level security's question: does the session's scope reach this row? No scope, no row; an empty part of it is
-- null and reaches nothing. Kept free of sub-selects so that PostgreSQL inlines it.
create function in_scope(unit_path text, institution_path text, person_id text) returns boolean
language sql stable parallel safe
return coalesce(
    ('unit:' || unit_path) ^@ any (string_to_array(nullif(current_setting('app.scope', true), ''), ',', ''))
    or ('unit:' || institution_path) ^@ any (string_to_array(nullif(current_setting('app.scope', true), ''), ',', ''))
    or ('person:' || person_id) = any (string_to_array(nullif(current_setting('app.scope', true), ''), ',', '')),
    false
);

grant select, insert, update, delete on outbox, consumer_offset, stream_cursor, parked, idempotency, business_clock, unit to :writer;
grant usage, select on sequence outbox_seq_seq, parked_id_seq to :writer;
grant select on unit, business_clock to :reader;
grant execute on function in_scope(text, text, text) to :reader, :writer;
