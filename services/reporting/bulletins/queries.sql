-- name: lock_programme
select policy_key from programme where policy_key = $1 for update;

-- name: known
select b.bulletin_id, b.policy_key, b.key, b.restates, later.bulletin_id as restated_by
from bulletin b
left join bulletin later on later.restates = b.bulletin_id
where b.policy_key = $1
order by b.number;

-- name: add
insert into bulletin (bulletin_id, policy_key, number, key, year, issuer_path, as_of, frozen_at, frozen_by, restates, reason,
                      content, sha256)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: list
select b.bulletin_id, b.policy_key, b.number, b.key, b.year, b.as_of, b.frozen_at, b.restates, b.reason, b.sha256,
       later.bulletin_id as restated_by
from bulletin b
left join bulletin later on later.restates = b.bulletin_id
order by b.year desc, b.policy_key, b.number desc;

-- name: one
select b.content, b.sha256, b.frozen_by, b.issuer_path, later.bulletin_id as restated_by
from bulletin b
left join bulletin later on later.restates = b.bulletin_id
where b.bulletin_id = $1;
