-- name: plumbing
select (select count(*) from outbox)::float as outbox_depth,
       coalesce((select extract(epoch from clock_timestamp() - min(created_at)) from outbox), 0)::float as outbox_age_seconds,
       (select count(*) from parked)::float as parked,
       pg_database_size(current_database())::float as database_bytes;
