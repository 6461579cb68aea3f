-- name: upsert
insert into unit (unit_id, code, kind, level, parent_id, path, name_zh, name_en, school_kind, rural, valid_from, valid_until, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::bool[], $11::date[], $12::date[], $13::int[])
on conflict (unit_id) do update set
    code = excluded.code, kind = excluded.kind, level = excluded.level, parent_id = excluded.parent_id, path = excluded.path,
    name_zh = excluded.name_zh, name_en = excluded.name_en, school_kind = excluded.school_kind, rural = excluded.rural,
    valid_from = excluded.valid_from, valid_until = excluded.valid_until, version = excluded.version
where unit.version < excluded.version;

-- name: paths_of_codes
select code, unit_id, path, level from unit where code = any ($1::text[]);

-- name: units_by_code
select unit_id, code, kind, level, parent_id, path, name_zh, name_en, school_kind, rural, version
from unit where code = any ($1::text[]);

-- name: units_by_id
select unit_id, code, kind, level, parent_id, path, name_zh, name_en, school_kind, rural, version
from unit where unit_id = any ($1::text[]);
