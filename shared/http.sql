-- name: claim
-- Nothing is changed where the key is known; but its row is locked then, so that nobody removes it before it is read.
insert into idempotency (principal, key, route, request_hash) values ($1, $2, $3, $4)
on conflict (principal, key) do update set key = excluded.key
returning route, request_hash, status, answer;

-- name: keep_answer
update idempotency set status = $3, answer = $4 where principal = $1 and key = $2;

-- name: forget_answers
-- Whoever repeats a command holds its row; another process takes other rows.
with old as (select principal, key from idempotency where created_at < clock_timestamp() - make_interval(days => $1) limit $2
             for update skip locked)
delete from idempotency i using old where i.principal = old.principal and i.key = old.key returning 1;
