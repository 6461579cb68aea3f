-- Who counts, said once for league table, front page and dashboard: trainees' places in force. Out of force: revoked before they
-- were expected, given to a substitute, or in a cancelled class (L13). Row-level security is the reader's own.

create view counted with (security_invoker = true) as
select p.place_id, p.version, p.policy_key, p.project, p.cohort, p.unit_id, p.unit_path, p.class_id, p.institution_id, p.institution_path,
       p.met_every_condition, p.selected_at, p.registered_at, p.excused_at, p.expected_at, p.checked_in_at, p.completed_at, p.dropout,
       p.excused_at is not null and p.checked_in_at is null as excused,
       p.expected_at is not null and p.checked_in_at is not null as came
from place p
where p.cohort_kind = 'trainee'
  and (p.revoked_at is null or p.expected_at is not null)
  and not exists (select from place s where s.substitute_for = p.place_id)
  and not exists (select from class c where c.class_id = p.class_id and c.cancelled_at is not null);

grant select on counted to :writer, :reader;
