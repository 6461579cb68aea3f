"""Two projections of places, fed by the services' consumer or by the bare one; the statements are the same."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from shared.db import Connection

TABLES = """
create table bench_offset (reader text, partition int, next bigint, primary key (reader, partition));
create table bench_count (type text, whose text, n bigint not null, primary key (type, whose));
create table bench_place (place_id text primary key, unit_id text, class_id text, selected_at timestamptz,
                          registered_at timestamptz, completed_at timestamptz);
grant select, insert, update, delete on bench_offset, bench_count, bench_place to reporting_writer;
"""
EMPTY = "truncate bench_offset, bench_count, bench_place, stream_cursor, consumer_offset"
ADD_COUNTS = """
insert into bench_count (type, whose, n) select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (type, whose) do update set n = bench_count.n + excluded.n
"""
ADD_PLACES = """
insert into bench_place as p (place_id, unit_id, class_id, selected_at, registered_at, completed_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
on conflict (place_id) do update set
    unit_id = coalesce(excluded.unit_id, p.unit_id), class_id = coalesce(excluded.class_id, p.class_id),
    selected_at = coalesce(excluded.selected_at, p.selected_at),
    registered_at = coalesce(excluded.registered_at, p.registered_at),
    completed_at = coalesce(excluded.completed_at, p.completed_at)
"""
FIELDS = ("place_id", "unit_id", "class_id", "selected_at", "registered_at", "completed_at")
RESULTS = {
    "counts": "select sum(n)::bigint, count(*), md5(string_agg(c::text, '' order by type, whose)) from bench_count c",
    "places": "select count(*), md5(string_agg(p::text, '' order by place_id)) from bench_place p",
}


async def count_up(con: Connection, events: Iterable[tuple[str, Any]]) -> None:
    """How many events of each type each unit or class has: a few rows that change with every batch."""
    counts = Counter((t, getattr(e, "class_id", "") or getattr(e, "unit_id", "")) for t, e in events)
    keys = sorted(counts)
    await con.execute(ADD_COUNTS, [t for t, _ in keys], [w for _, w in keys], [counts[k] for k in keys])


async def keep_places(con: Connection, events: Sequence[tuple[str, Any]]) -> None:
    """One row per place with the moments of its steps: what reporting keeps."""
    rows: dict[str, list[Any]] = {}
    for _, event in events:
        row = rows.setdefault(event.place_id, [None] * len(FIELDS))
        for i, name in enumerate(FIELDS):
            row[i] = getattr(event, name, None) or row[i]
    if rows:
        await con.execute(ADD_PLACES, *[list(c) for c in zip(*(rows[k] for k in sorted(rows)), strict=True)])


PROJECTIONS = {"counts": count_up, "places": keep_places}
