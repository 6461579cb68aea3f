-- name: places
select place_id, version, policy_key, project, cohort, cohort_kind, unit_id, unit_path, substitute_for,
       met_every_condition, class_id, institution_id, institution_path, selected_at, registered_at, excused_at,
       expected_at, checked_in_at, completed_at, dropout, revoked_at
from place where place_id = any ($1::text[]);

-- name: save_places
insert into place (place_id, version, policy_key, project, cohort, cohort_kind, unit_id, unit_path, substitute_for,
                   met_every_condition, class_id, institution_id, institution_path, selected_at, registered_at,
                   excused_at, expected_at, checked_in_at, completed_at, dropout, revoked_at)
select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::bool[], $11::text[], $12::text[], $13::text[], $14::timestamptz[],
                     $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
                     $19::timestamptz[], $20::text[], $21::timestamptz[])
on conflict (place_id) do update set
    version = excluded.version, policy_key = excluded.policy_key, project = excluded.project,
    cohort = excluded.cohort, cohort_kind = excluded.cohort_kind, unit_id = excluded.unit_id,
    unit_path = excluded.unit_path, substitute_for = excluded.substitute_for,
    met_every_condition = excluded.met_every_condition, class_id = excluded.class_id,
    institution_id = excluded.institution_id, institution_path = excluded.institution_path,
    selected_at = excluded.selected_at, registered_at = excluded.registered_at, excused_at = excluded.excused_at,
    expected_at = excluded.expected_at, checked_in_at = excluded.checked_in_at,
    completed_at = excluded.completed_at, dropout = excluded.dropout, revoked_at = excluded.revoked_at
where place.version < excluded.version;

-- name: classes
select class_id, version, policy_key, project, cohort, institution_id, institution_path, name_zh, name_en, starts_on,
       ends_on, opened_at, cancelled_at, closed_at, ended_at
from class where class_id = any ($1::text[]);

-- name: save_classes
insert into class (class_id, version, policy_key, project, cohort, institution_id, institution_path, name_zh, name_en,
                   starts_on, ends_on, opened_at, cancelled_at, closed_at, ended_at)
select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::date[], $11::date[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
                     $15::timestamptz[])
on conflict (class_id) do update set
    version = excluded.version, policy_key = excluded.policy_key, project = excluded.project,
    cohort = excluded.cohort, institution_id = excluded.institution_id, institution_path = excluded.institution_path,
    name_zh = excluded.name_zh, name_en = excluded.name_en, starts_on = excluded.starts_on,
    ends_on = excluded.ends_on, opened_at = excluded.opened_at, cancelled_at = excluded.cancelled_at,
    closed_at = excluded.closed_at, ended_at = excluded.ended_at
where class.version < excluded.version;

-- name: save_cells
insert into cell (cell_id, parent_cell_id, policy_key, project, cohort, unit_id, unit_path, places, synthetic, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
                     $9::bool[], $10::int[])
on conflict (cell_id) do update set
    parent_cell_id = excluded.parent_cell_id, policy_key = excluded.policy_key, project = excluded.project,
    cohort = excluded.cohort, unit_id = excluded.unit_id, unit_path = excluded.unit_path, places = excluded.places,
    synthetic = excluded.synthetic, version = excluded.version
where cell.version < excluded.version;

-- name: save_documents
insert into document (document_id, document, policy_key, project, class_id, institution_id, institution_path,
                      submitted_at, due_at, on_time)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::timestamptz[], $9::timestamptz[], $10::bool[])
on conflict (document_id) do nothing;

-- name: save_inspections
insert into inspection (inspection_id, version, policy_key, project, institution_id, institution_path, score, max, inspected_on)
select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[],
                     $9::date[])
on conflict (inspection_id) do update set
    version = excluded.version, policy_key = excluded.policy_key, project = excluded.project,
    institution_id = excluded.institution_id, institution_path = excluded.institution_path, score = excluded.score,
    max = excluded.max, inspected_on = excluded.inspected_on
where inspection.version < excluded.version;

-- name: save_programmes
insert into programme (policy_key, programme_id, revision, year, issuer_unit_id, issuer_path, policy, published_at, version)
select * from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::jsonb[],
                     $8::timestamptz[], $9::int[])
on conflict (policy_key) do update set
    programme_id = excluded.programme_id, revision = excluded.revision, year = excluded.year,
    issuer_unit_id = excluded.issuer_unit_id, issuer_path = excluded.issuer_path, policy = excluded.policy,
    published_at = excluded.published_at, version = excluded.version
where programme.revision < excluded.revision;

-- name: save_progress
insert into progress (topic, partition, as_of) select * from unnest($1::text[], $2::int[], $3::timestamptz[])
on conflict (topic, partition) do update set as_of = excluded.as_of where progress.as_of < excluded.as_of;
