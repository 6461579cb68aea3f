-- name: hold_programmes
insert into programme (policy_key) select k from unnest($1::text[]) k order by k on conflict do nothing;

-- name: lock_programmes
select policy_key from programme where policy_key = any ($1::text[]) order by policy_key for update;

-- name: hold_classes
insert into class (class_id) select k from unnest($1::text[]) k order by k on conflict do nothing;

-- name: lock_classes
select class_id from class where class_id = any ($1::text[]) order by class_id for update;

-- name: hold_places
insert into place (place_id) select k from unnest($1::text[]) k order by k on conflict do nothing;

-- name: lock_places
select place_id from place where place_id = any ($1::text[]) order by place_id for update;

-- name: save_rules
insert into rule (policy_key, revision, published_at, rule)
select * from unnest($1::text[], $2::int[], $3::timestamptz[], $4::jsonb[])
on conflict do nothing;

-- name: save_programmes
update programme p set issuer_path = u.issuer_path, name_zh = u.zh, name_en = u.en, signs = u.signs, revision = u.revision
from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
     as u (policy_key, revision, issuer_path, zh, en, signs)
where p.policy_key = u.policy_key and p.revision < u.revision;

-- name: schedule_classes
update class c set policy_key = u.policy_key, project = u.project, institution_id = u.institution_id,
    institution_path = u.institution_path, name_zh = u.zh, name_en = u.en
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     as u (class_id, policy_key, project, institution_id, institution_path, zh, en)
where c.class_id = u.class_id;

-- name: date_classes
update class c set starts_on = u.starts_on, ends_on = u.ends_on, date_version = u.date_version
from unnest($1::text[], $2::date[], $3::date[], $4::int[]) as u (class_id, starts_on, ends_on, date_version)
where c.class_id = u.class_id and c.date_version <= u.date_version;

-- name: close_classes
update class c set held = u.held, closed_at = u.closed_at, closed_event = u.event_id, expected = u.expected, checked_in = u.checked_in
from unnest($1::text[], $2::bool[], $3::timestamptz[], $4::text[], $5::int[], $6::int[])
     as u (class_id, held, closed_at, event_id, expected, checked_in)
where c.class_id = u.class_id;

-- name: cancel_classes
update class set cancelled = true where class_id = any ($1::text[]);

-- name: end_classes
update class c set ended_event = u.event_id from unnest($1::text[], $2::text[]) as u (class_id, event_id)
where c.class_id = u.class_id;

-- name: select_places
update place p set person_id = u.person_id, policy_key = u.policy_key, project = u.project, unit_id = u.unit_id, unit_path = u.unit_path
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     as u (place_id, person_id, policy_key, project, unit_id, unit_path)
where p.place_id = u.place_id;

-- name: assign_places
update place p set class_id = u.class_id, institution_path = u.institution_path
from unnest($1::text[], $2::text[], $3::text[]) as u (place_id, class_id, institution_path)
where p.place_id = u.place_id;

-- name: expect_places
update place set expected = true where place_id = any ($1::text[]);

-- name: replace_places
update place set replaced = true where place_id = any ($1::text[]);

-- name: add_notices
insert into notice (message_id, event_id, version, person_id, place_id, class_id, entry_id, about_class, kind, channel, proof, date_version, delivered_at)
select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::text[], $11::bool[], $12::int[], $13::timestamptz[])
on conflict do nothing;

-- name: add_facts
insert into fact (event_id, stream, version, fact, person_id, place_id, class_id, policy_key, occurred_at)
select u.event_id, u.stream, u.version, u.fact, u.person_id, u.place_id, u.class_id, p.policy_key, u.occurred_at
from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
     as u (event_id, stream, version, fact, person_id, place_id, class_id, occurred_at)
join place p on p.place_id = u.place_id and p.unit_path is not null
on conflict do nothing;

-- name: add_told
insert into fact (event_id, stream, version, fact, person_id, place_id, class_id, policy_key, occurred_at)
select n.event_id, n.message_id, n.version, 'notified', n.person_id, n.place_id, n.class_id, p.policy_key, n.delivered_at
from notice n join place p on p.place_id = n.place_id and p.unit_path is not null
where n.place_id = any ($1::text[]) and n.proof and n.entry_id is null
on conflict do nothing;

-- name: add_dropouts
insert into dropout (place_id, cause, entry_id, event_id, version, person_id, class_id, policy_key, revision, cohort_kind, forms,
                     unit_id, unit_path, institution_path, occurred_at, stated)
select u.place_id, u.cause, u.entry_id, u.event_id, u.version, u.person_id, u.class_id, u.policy_key, u.revision, u.cohort_kind,
       string_to_array(u.forms, ','), u.unit_id, u.unit_path, u.institution_path, u.occurred_at, u.stated
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::int[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::bool[])
     as u (place_id, cause, entry_id, event_id, version, person_id, class_id, policy_key, revision, cohort_kind, forms, unit_id,
           unit_path, institution_path, occurred_at, stated)
on conflict do nothing;

-- name: withdraw_dropouts
update dropout d set withdrawn = u.key
from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as u (place_id, cause, key, version)
where d.place_id = u.place_id and d.cause = u.cause and d.version < u.version and d.withdrawn is null;

-- name: record_of
select f.event_id, f.stream, f.version, f.fact, case when d.withdrawn is null then g.signs ->> f.fact else 'neutral' end as sign,
       d.withdrawn, f.place_id, f.class_id, f.policy_key, f.occurred_at,
       g.name_zh as programme_zh, g.name_en as programme_en, c.name_zh as class_zh, c.name_en as class_en
from fact f
join place p on p.place_id = f.place_id and not p.replaced
join programme g on g.policy_key = f.policy_key and g.signs ? f.fact
left join class c on c.class_id = coalesce(f.class_id, p.class_id)
left join dropout d on d.event_id = f.event_id
where f.person_id = $1 and not coalesce(c.cancelled, false) and ($2::text is null or f.place_id = $2)
order by f.occurred_at, f.version, f.event_id;
