-- name: offsets
select topic, partition, next from consumer_offset
where consumer = $1 and (topic, partition) in (select * from unnest($2::text[], $3::int[]));

-- name: begin_offsets
insert into consumer_offset (consumer, topic, partition, next)
select $1, * from unnest($2::text[], $3::int[], $4::bigint[])
on conflict do nothing;

-- name: move_offset
update consumer_offset set next = $5 where consumer = $1 and topic = $2 and partition = $3 and next = $4;

-- name: fence
select topic, partition, next, exists (select from parked where consumer = $1) as parked
from consumer_offset
where consumer = $1 and (topic, partition) in (select * from unnest($2::text[], $3::int[]))
order by topic, partition
for update;

-- name: cursors
select stream, version from stream_cursor
where consumer = $1 and stream = any ($2::text[])
order by stream
for update;

-- name: advance
with read as (
    update consumer_offset o set next = n.next
    from unnest($2::text[], $3::int[], $4::bigint[]) as n (topic, partition, next)
    where o.consumer = $1 and o.topic = n.topic and o.partition = n.partition
), moved as (
    update stream_cursor c set version = v.version
    from unnest($5::text[], $6::int[]) as v (stream, version)
    where c.consumer = $1 and c.stream = v.stream and c.stream = any ($5::text[])  -- else all cursors are read for a hash
)
insert into stream_cursor (consumer, stream, version)
select $1, * from unnest($7::text[], $8::int[]);

-- name: park
insert into parked (consumer, topic, partition, "offset", stream, version, key, headers, payload, reason, error)
select $1, r.* from unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::int[], $7::bytea[], $8::bytea[], $9::bytea[],
                           $10::text[], $11::text[])
                  as r (topic, partition, "offset", stream, version, key, headers, payload, reason, error)
where r.version is not null or not exists (  -- a rebuild reads again what a person has put aside
    select from put_aside a
    where a.consumer = $1 and a.topic = r.topic and a.partition = r.partition and a."offset" = r."offset"
      and (a.key, a.headers, a.payload) is not distinct from (r.key, r.headers, r.payload)
)
on conflict do nothing;

-- name: parked_successors
select p.topic, p.partition, p."offset", p.key, p.headers, p.payload
from unnest($2::text[], $3::int[]) as s (stream, version)
cross join lateral (
    select * from parked
    where consumer = $1 and stream = s.stream and version > s.version
    order by version limit $4
) as p
order by p.stream, p.version;

-- name: unpark
delete from parked p using unnest($2::text[], $3::int[]) as s (stream, version)
where p.consumer = $1 and p.stream = s.stream and p.version <= s.version;
