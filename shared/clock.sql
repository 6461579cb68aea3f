-- name: begin
insert into business_clock (instant) values ($1) on conflict do nothing;

-- name: instant
select instant from business_clock;

-- name: step
update business_clock set instant = $1 where instant < $1;
