-- All but `figures` runs as the reader role: row-level security leaves only places of the reader's scope.

-- name: figures
select count(*)::float as places_selected, count(registered_at)::float as places_registered,
       count(expected_at)::float as places_expected, count(*) filter (where came)::float as places_checked_in,
       count(completed_at)::float as places_completed,
       (select count(*) from class where opened_at is not null and cancelled_at is null)::float as classes_opened,
       (select count(*) from document where not on_time)::float as documents_late
from counted;

-- name: years
select policy_key, revision, issuer_path, policy from programme order by year desc, policy_key;

-- Whether, not how many: a page that moves asks every few seconds.
-- name: begun
select g.policy_key,
       exists (select from counted p where p.policy_key = g.policy_key),
       exists (select from counted p where p.policy_key = g.policy_key and p.expected_at is not null)
from programme g
order by g.year desc, g.policy_key;

-- name: as_of
select max(as_of) from progress;

-- name: tallies
select p.cohort, p.excused,
       count(*)::int as selected,
       count(*) filter (where p.met_every_condition)::int as met_every_condition,
       count(p.registered_at)::int as registered,
       count(p.expected_at)::int as expected,
       count(*) filter (where p.came)::int as checked_in,
       count(p.completed_at)::int as completed,
       count(*) filter (where p.came and p.completed_at is not null)::int as completed_after_checkin
from counted p
where p.policy_key = $1
group by 1, 2;

-- The reader's own quota: cells in scope whose parent is not.
-- name: quota
select c.cohort, sum(c.places)::int as places
from cell c
left join cell parent on parent.cell_id = c.parent_cell_id
where c.policy_key = $1 and in_scope(c.unit_path, null, null) and not in_scope(parent.unit_path, null, null)
group by 1;

-- Classes of institutions in scope, and those that people in scope go to.
-- name: classes
select c.class_id, c.institution_id, c.project, c.name_zh, c.name_en, c.starts_on, c.ends_on, c.opened_at, c.cancelled_at,
       c.closed_at, c.ended_at, in_scope(null, c.institution_path, null) as own
from class c
where c.policy_key = $1
  and (in_scope(null, c.institution_path, null) or exists (select from place p where p.class_id = c.class_id))
order by c.starts_on nulls last, c.class_id;

-- name: handed
select institution_id, document, project, class_id, on_time, submitted_at from document
where policy_key = $1 and institution_id = any ($2::text[])
order by submitted_at, document_id;

-- name: names
select unit_id, name_zh, name_en from unit where unit_id = any ($1::text[]);
