-- name: try_lead
select pg_try_advisory_lock($1);

-- name: page
select seq, topic, key, headers, payload from outbox order by seq limit $1;

-- name: forget
delete from outbox where seq = any ($1::bigint[]);
