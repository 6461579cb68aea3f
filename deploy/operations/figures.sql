-- name: places
select place_id from place;

-- name: registered
select place_id from place where registered_at is not null;

-- name: waiting
select 'outbox ' || seq from outbox union all select 'parked ' || id from parked;

-- name: topics
select distinct topic from consumer_offset;

-- name: cursors
select stream, version from stream_cursor;

-- name: tables
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'r' and c.relname <> all ($1::text[]) order by c.relname;

-- name: digest
select count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '-') from the_table t;
