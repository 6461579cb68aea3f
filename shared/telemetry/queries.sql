-- name: plumbing
select (select count(*) from outbox)::float as depth,
       coalesce((select extract(epoch from clock_timestamp() - min(created_at)) from outbox), 0)::float as age,
       (select count(*) from parked)::float as parked;
