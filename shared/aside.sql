-- name: unidentified
select id, consumer, topic, partition, "offset", key, headers, payload, error, attempts, parked_at as since
from parked where version is null
order by id limit $1;

-- name: lately
select id, consumer, topic, partition, "offset", reason, actor, put_aside_at from put_aside
order by put_aside_at desc limit $1;

-- name: look
select consumer, topic, partition, "offset", key, headers, payload from parked where id = $1
for update;

-- name: waits
select stream from parked where consumer = $1 and version is not null and stream = any ($2::text[]) limit 1;

-- name: put_aside
with gone as (
    delete from parked where id = $1 returning *
)
insert into put_aside (id, consumer, topic, partition, "offset", key, headers, payload, error, attempts, parked_at, reason, actor)
select id, consumer, topic, partition, "offset", key, headers, payload, error, attempts, parked_at, $2, $3 from gone;

-- name: aside
select id, topic, partition, "offset", key, headers, payload from put_aside a
where consumer = $1 and not exists (  -- the topic was made anew, and another record is parked from the same place
    select from parked p
    where p.consumer = a.consumer and p.topic = a.topic and p.partition = a.partition and p."offset" = a."offset"
)
order by id;

-- name: take_back
with back as (
    delete from put_aside where id = any ($1::bigint[]) returning *
)
insert into parked (consumer, topic, partition, "offset", key, headers, payload, reason, error, attempts, parked_at)
select consumer, topic, partition, "offset", key, headers, payload, 'undecodable', error, attempts, parked_at from back;
