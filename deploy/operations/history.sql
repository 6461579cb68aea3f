-- name: enrolment
select 'training.unit.v1' as topic, unit_id as stream, version from unit
union all select 'training.programme.v1', programme_id, version from programme
union all select 'training.quota.v1', cell_id, version from quota_cell
union all select 'training.pool.v1', pool_id, version from pool
union all select 'training.class.v1', class_id, version from class
union all select 'training.place.v1', place_id, version from place
union all select 'training.document.v1', document_id, version from document
union all select 'training.inspection.v1', inspection_id, version from inspection
union all select 'training.commission.v1', commission_id, version from commission;

-- name: blacklist
select 'training.standing.v1' as topic, entry_id as stream, version from entry;

-- name: notify
select 'training.message.v1' as topic, message_id as stream, stream_version as version from reminder;
