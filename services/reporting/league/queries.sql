-- name: programmes
select policy_key, revision, year, issuer_path, policy from programme order by year desc, policy_key;

-- name: programme
select policy_key, revision, year, issuer_path, policy from programme where policy_key = $1;

-- name: as_of
select max(as_of) from progress;

-- Tallies of the places in force, by the unit of one level that they hang under (null: under none of that level).
-- The view says who counts.
-- name: unit_tallies
with tally as (
    select p.unit_path, p.cohort, p.excused,
           count(*)::int as selected,
           count(*) filter (where p.met_every_condition)::int as met_every_condition,
           count(p.registered_at)::int as registered,
           count(p.expected_at)::int as expected,
           count(*) filter (where p.came)::int as checked_in,
           count(p.completed_at)::int as completed,
           count(*) filter (where p.came and p.completed_at is not null)::int as completed_after_checkin
    from counted p
    where p.policy_key = $1 and p.project = any ($2::text[])
    group by 1, 2, 3)
select u.unit_id, t.cohort, t.excused, sum(t.selected)::int as selected, sum(t.met_every_condition)::int as met_every_condition,
       sum(t.registered)::int as registered, sum(t.expected)::int as expected, sum(t.checked_in)::int as checked_in,
       sum(t.completed)::int as completed, sum(t.completed_after_checkin)::int as completed_after_checkin
from tally t
left join lateral (
    select unit.unit_id from unit
    where unit.unit_id = any (string_to_array(t.unit_path, '/')) and unit.level = $3 limit 1) u on true
group by 1, 2, 3;

-- name: institution_tallies
select p.institution_id as unit_id, p.cohort, p.excused,
       count(*)::int as selected,
       count(*) filter (where p.met_every_condition)::int as met_every_condition,
       count(p.registered_at)::int as registered,
       count(p.expected_at)::int as expected,
       count(*) filter (where p.came)::int as checked_in,
       count(p.completed_at)::int as completed,
       count(*) filter (where p.came and p.completed_at is not null)::int as completed_after_checkin
from counted p
where p.policy_key = $1 and p.project = any ($2::text[]) and p.institution_id is not null
group by 1, 2, 3;

-- The quota of each unit of a level. An issuer may hand places to units further down (so many to each county of a list):
-- they count for the unit of the level above them; null in the answer is what hangs under none.
-- name: quota
select case when u.level = $3 then c.unit_id
            else (select a.unit_id from unit a where a.level = $3 and starts_with(c.unit_path, a.path)) end as unit_id,
       c.cohort, sum(c.places)::int as places
from cell c
join unit u on u.unit_id = c.unit_id
left join cell parent on parent.cell_id = c.parent_cell_id
left join unit above on above.unit_id = parent.unit_id
where c.policy_key = $1 and c.project = any ($2::text[])
  and (u.level = $3 or (u.level = any ($4::text[]) and (above.level = any ($5::text[]) or above.unit_id is null)))
group by 1, 2;

-- Units of a level in the issuer's subtree that were valid on the day, or still hold figures.
-- name: units
select unit_id, code, path, name_zh, name_en from unit
where level = $1 and path like $2 || '%'
  and (unit_id = any ($4::text[])
       or ($5 and (valid_from is null or valid_from <= $3) and (valid_until is null or valid_until > $3)))
order by code;

-- name: institutions
select unit_id, code, path, name_zh, name_en from unit where unit_id = any ($1::text[]) order by code;

-- name: courses
select institution_id, class_id, project, starts_on, ends_on from class
where policy_key = $1 and project = any ($2::text[]) and cancelled_at is null and starts_on is not null
order by starts_on, class_id;

-- name: handed
select institution_id, document, project, class_id, on_time, submitted_at from document
where policy_key = $1 and project = any ($2::text[])
order by submitted_at, document_id;

-- Sums of points over the inspections of each institution.
-- name: inspections
select institution_id, count(*)::int as inspections, sum(score) as inspection_score, sum(max) as inspection_max from inspection
where policy_key = $1 and project = any ($2::text[])
group by 1;

-- name: steps
with live as (
    select p.policy_key, count(*) as selected, count(p.registered_at) as registered, count(p.expected_at) as expected,
           count(p.checked_in_at) as checked_in, count(p.completed_at) as completed
    from counted p
    group by 1),
held as (
    select policy_key, count(*) as classes, count(opened_at) as classes_opened, min(starts_on) as starts_on, max(ends_on) as ends_on
    from class where cancelled_at is null group by 1),
given as (
    select policy_key, sum(places) filter (where parent_cell_id is null) as quota, count(distinct unit_id) as units
    from cell group by 1)
select g.policy_key, g.year, g.policy -> 'policy' -> 'names' as name, jsonb_array_length(g.policy -> 'projects') as projects,
       coalesce(given.units, 0)::int as units, coalesce(given.quota, 0)::int as quota, coalesce(live.selected, 0)::int as selected,
       coalesce(live.registered, 0)::int as registered, coalesce(live.expected, 0)::int as expected,
       coalesce(live.checked_in, 0)::int as checked_in, coalesce(live.completed, 0)::int as completed,
       coalesce(held.classes, 0)::int as classes, coalesce(held.classes_opened, 0)::int as classes_opened,
       held.starts_on, held.ends_on
from programme g
left join live on live.policy_key = g.policy_key
left join held on held.policy_key = g.policy_key
left join given on given.policy_key = g.policy_key
order by g.year desc, g.policy_key;

-- name: unit_by_code
select unit_id, code, path, kind, level, name_zh, name_en from unit where code = $1;

-- The rows behind a figure, as far as the reader's scope reaches.
-- name: places
select p.place_id, p.version, u.name_zh, u.name_en, u.code, c.name_zh as class_zh, c.name_en as class_en, p.selected_at,
       p.registered_at, p.excused_at, p.expected_at, p.checked_in_at, p.completed_at, p.dropout
from counted p
join unit u on u.unit_id = p.unit_id
left join class c on c.class_id = p.class_id
where p.policy_key = $1 and p.project = any ($2::text[])
  and (p.unit_path like $3 || '%' or p.institution_path = $3)
order by u.code, p.selected_at, p.place_id
limit $4 offset $5;

-- name: count_places
select count(*) from counted p
where p.policy_key = $1 and p.project = any ($2::text[])
  and (p.unit_path like $3 || '%' or p.institution_path = $3);
