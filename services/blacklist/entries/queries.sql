-- name: lock_entries
select entry_id from entry where entry_id = any ($1::text[]) order by entry_id for update;

-- name: touched
select d.entry_id from dropout d
where d.place_id = any ($1::text[]) or d.class_id = any ($2::text[]) or d.entry_id = any ($3::text[])
   or (d.policy_key = any ($4::text[]) and not exists (select from entry e where e.entry_id = d.entry_id));

-- name: cases
select to_jsonb(d) as dropout, r.rule, to_jsonb(c) as course, coalesce(n.notices, '[]') as notices,
       coalesce(p.expected, false) as expected, coalesce(p.replaced, false) as replaced, to_jsonb(e) as entry
from dropout d
left join place p on p.place_id = d.place_id
left join class c on c.class_id = d.class_id
left join entry e on e.entry_id = d.entry_id
left join lateral (
    select rule from rule
    where rule.policy_key = d.policy_key and (rule.revision = d.revision or (d.revision is null and rule.published_at <= d.occurred_at))
    order by rule.revision desc limit 1) r on true
left join lateral (
    select jsonb_agg(to_jsonb(notice) order by notice.delivered_at, notice.message_id) as notices from notice
    where notice.person_id = d.person_id
      and (notice.entry_id = d.entry_id
           or (notice.entry_id is null and (notice.place_id = d.place_id or notice.class_id = d.class_id)))) n on true
where d.entry_id = any ($1::text[])
order by d.entry_id;

-- name: save_entries
insert into entry (entry_id, place_id, cause, person_id, class_id, policy_key, unit_id, unit_path, institution_path, rule, state,
                   evidence, complete, proposed_at, notified_at, reply_until, replied_at, confirmed_at, decided_by, ranges,
                   appealed_at, decide_by, upheld_at, lifted_at, quashed_at, quash_reason, overridden, version)
select entry_id, place_id, cause, person_id, class_id, policy_key, unit_id, unit_path, institution_path, rule, state,
       evidence, complete, proposed_at, notified_at, reply_until, replied_at, confirmed_at, decided_by, ranges,
       appealed_at, decide_by, upheld_at, lifted_at, quashed_at, quash_reason, overridden, version
from jsonb_populate_recordset(null::entry, $1::jsonb)
on conflict (entry_id) do update set
    state = excluded.state, evidence = excluded.evidence, complete = excluded.complete, notified_at = excluded.notified_at,
    reply_until = excluded.reply_until, replied_at = excluded.replied_at, confirmed_at = excluded.confirmed_at,
    decided_by = excluded.decided_by, ranges = excluded.ranges, appealed_at = excluded.appealed_at,
    decide_by = excluded.decide_by, upheld_at = excluded.upheld_at, lifted_at = excluded.lifted_at, quashed_at = excluded.quashed_at,
    quash_reason = excluded.quash_reason, overridden = excluded.overridden, version = excluded.version
where entry.version <= excluded.version;

-- name: entry
select to_jsonb(e) as entry from entry e where e.entry_id = $1;

-- name: entry_for_update
select to_jsonb(e) as entry from entry e where e.entry_id = $1 for update;

-- name: entries
select to_jsonb(e) as entry from entry e where e.entry_id = any ($1::text[]) order by e.entry_id;

-- name: add_echoes
insert into echo (entry_id, version, type, event) select * from unnest($1::text[], $2::int[], $3::text[], $4::jsonb[])
on conflict do nothing;

-- name: take_echoes
with taken as (
    delete from echo using entry where entry.entry_id = echo.entry_id
    returning echo.entry_id, echo.version, echo.type, echo.event)
select * from taken order by entry_id, version;

-- name: given
select principal, words as reason, decided_at as confirmed_at from decision
where entry_id = $1 and kind = 'confirm' order by decided_at, principal;

-- name: add_decision
insert into decision (entry_id, kind, principal, words, decided_at) values ($1, $2, $3, $4, $5);

-- name: add_reply
insert into reply (entry_id, words, replied_at) values ($1, $2, $3);

-- name: add_appeal
insert into appeal (entry_id, words, appealed_at) values ($1, $2, $3);

-- name: anchors
select ends_on, closed_at from class where class_id = $1;

-- name: list
select to_jsonb(e) as entry, u.name_zh as unit_zh, u.name_en as unit_en, c.name_zh as class_zh, c.name_en as class_en,
       (select count(*) from decision d where d.entry_id = e.entry_id and d.kind = 'confirm') as confirmations
from entry e
left join unit u on u.unit_id = e.unit_id
left join class c on c.class_id = e.class_id
where ($1::text[] is null or e.state = any ($1::text[]) or ('appealed' = any ($1::text[]) and (e.state = 'confirmed' and e.appealed_at is not null and e.upheld_at is null)))
  and ($2::text is null or e.person_id = $2)
order by e.reply_until nulls last, e.proposed_at, e.entry_id
limit $3 offset $4;

-- name: count
select count(*) from entry e
where ($1::text[] is null or e.state = any ($1::text[]) or ('appealed' = any ($1::text[]) and (e.state = 'confirmed' and e.appealed_at is not null and e.upheld_at is null)))
  and ($2::text is null or e.person_id = $2);

-- name: count_ready
select count(*) from entry e
where (e.state = 'confirmed' and e.appealed_at is not null and e.upheld_at is null) or (e.state = 'notified' and e.complete and e.reply_until < $1
  and not exists (select from decision d where d.entry_id = e.entry_id and d.kind = 'confirm' and d.principal = $2));

-- name: details
select to_jsonb(e) as entry, u.name_zh as unit_zh, u.name_en as unit_en, c.name_zh as class_zh, c.name_en as class_en,
       c.starts_on, c.closed_at, c.expected, c.checked_in, c.held, c.ended_event, w.words, a.words as appeal, g.name_zh as programme_zh,
       g.name_en as programme_en, (select count(*) from decision d where d.entry_id = e.entry_id and d.kind = 'confirm') as confirmations
from entry e
left join unit u on u.unit_id = e.unit_id
left join class c on c.class_id = e.class_id
left join programme g on g.policy_key = e.policy_key
left join reply w on w.entry_id = e.entry_id
left join appeal a on a.entry_id = e.entry_id
where e.entry_id = $1;

-- name: decisions
select kind, principal, words, decided_at from decision where entry_id = $1 order by decided_at, principal;

-- name: told
select kind, channel, delivered_at, entry_id, date_version, proof from notice
where (place_id = $1 or entry_id = $2) and person_id = $3 order by delivered_at, message_id;

-- name: standing
select to_jsonb(e) as entry from entry e where e.person_id = $1 and e.state in ('confirmed', 'lifted') order by e.entry_id;

-- name: add_exception
insert into exception (entry_id, policy_key, words, evidence, principal, decided_at) values ($1, $2, $3, $4, $5, $6);

-- name: exceptions
select x.policy_key, x.words, x.decided_at, g.name_zh, g.name_en from exception x
left join programme g on g.policy_key = x.policy_key
where x.entry_id = $1 order by x.decided_at, x.policy_key;

-- name: programmes
select policy_key, name_zh, name_en from programme where revision > 0 order by policy_key desc;

-- name: figures
select count(*) filter (where state in ('proposed', 'notified'))::float as entries_proposed,
       count(*) filter (where state = 'confirmed')::float as entries_confirmed
from entry;
