"""What a database holds, from its own catalogue, and two rows for each of its tables: one's own and another's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import asyncpg

from deploy.local.databases import Dsns

OWN, OTHER = "own", "other"

TABLES: Final = """
    select c.relname as name, c.relrowsecurity as guarded, c.relowner::regrole::text as owner,
           array_agg(a.attname::text order by a.attnum) as columns,
           array_agg(a.attname::text order by a.attnum)
             filter (where has_column_privilege($1, c.oid, a.attnum, 'select')) as readable
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') group by c.oid order by c.relname"""
COLUMNS: Final = """
    select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
    where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
      and (not a.atthasdef or format_type(a.atttypid, null) = 'text')"""
CONSTRAINTS: Final = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
    where connamespace = 'public'::regnamespace and contype in ('c', 'f')"""


@dataclass(frozen=True)
class Table:
    """A table, its columns, and those of them that the service's reader may read."""

    name: str
    guarded: bool
    owner: str
    columns: Sequence[str]
    readable: Sequence[str]


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    con = await asyncpg.connect(dsn)
    try:
        yield con
    finally:
        await con.close()


async def tables(dsns: Dsns, service: str) -> list[Table]:
    """Every table of a service's database."""
    async with connected(dsns.owner) as con:
        rows = await con.fetch(TABLES, f"{service}_reader")
    return [Table(r["name"], r["guarded"], r["owner"], r["columns"], r["readable"] or ()) for r in rows]


async def fill(dsns: Dsns, found: Sequence[Table]) -> None:
    """Two rows in each table. The same column has the same values everywhere, so what belongs together hangs together.

    Checks and references are dropped before: what the values mean is not asked here.
    """
    async with connected(dsns.owner) as con:
        for (statement,) in await con.fetch(CONSTRAINTS):
            await con.execute(statement)
        for table in found:
            columns = await con.fetch(COLUMNS, table.name)
            names = ", ".join(f'"{c["name"]}"' for c in columns)
            marks = ", ".join(f"${i}" for i in range(1, len(columns) + 1))
            insert = f'insert into "{table.name}" ({names}) values ({marks}) on conflict do nothing'
            for whose in (OWN, OTHER):
                await con.execute(insert, *[value(c["name"], c["type"], whose) for c in columns])


def value(name: str, kind: str, whose: str) -> Any:
    """A value of the type that says whose row it is."""
    if kind == "text":
        paths = {"unit_path": f"/root/{whose}/", "institution_path": f"/institution/{whose}/"}
        return paths.get(name, f"{name}-{whose}")
    number = 1 if whose == OWN else 2
    day = datetime(2021, 8, number, tzinfo=UTC)
    plain = {"integer": number, "bigint": number, "double precision": float(number), "boolean": whose == OWN, "date": date(2021, 8, number),
             "timestamp with time zone": day, "numeric": number, "bytea": bytes([number]), "jsonb": "{}", "text[]": []}  # fmt: skip
    return plain[kind]
