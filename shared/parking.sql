-- name: groups
select consumer, topic, reason, error, count(*) as records,
       count(distinct stream) filter (where version is not null) as streams,
       (array_agg(stream order by id))[1] as first_stream, min(parked_at) as since, max(attempts) as attempts
from parked
group by consumer, topic, reason, error
order by reason = 'gap', count(*) desc, consumer, topic;

-- name: unidentified
select id, topic, partition, "offset", key, headers, payload from parked
where consumer = $1 and version is null
order by id
for update;

-- name: identify
update parked set stream = $2, version = $3
where id = $1 and not exists (
    select from parked p where p.consumer = parked.consumer and p.stream = $2 and p.version = $3
);

-- name: tried
update parked set attempts = attempts + 1, reason = $2, error = $3 where id = any ($1::bigint[]);

-- name: streams
select distinct stream from parked
where consumer = $1 and version is not null and ($2::text is null or stream = $2)
order by stream;

-- name: lock_cursor
select version from stream_cursor where consumer = $1 and stream = $2 for update;

-- name: page
select id, topic, partition, "offset", key, headers, payload from parked
where consumer = $1 and stream = $2 and version is not null
order by version limit $3;

-- name: move_cursor
insert into stream_cursor (consumer, stream, version) values ($1, $2, $3)
on conflict (consumer, stream) do update set version = excluded.version;

-- name: remove
delete from parked where id = any ($1::bigint[]);

-- name: still_parked
select count(*) from parked where consumer = $1 and ($2::text is null or stream = $2);
