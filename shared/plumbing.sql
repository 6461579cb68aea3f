-- name: ping
select 1;

-- name: under_way
select (select count(*) from outbox) as outbox, (select count(*) from parked) as parked;
