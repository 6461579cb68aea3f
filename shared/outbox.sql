-- name: append
insert into outbox (topic, key, headers, payload)
select topic, key, headers, payload
from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) with ordinality as e (topic, key, headers, payload, position)
order by position;
