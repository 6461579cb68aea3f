"""A database's tables as they were, put back under a running service; and their contents as one hash."""

import hashlib
import io
from typing import Final

import asyncpg

PLUMBING: Final = ("outbox", "consumer_offset", "stream_cursor", "parked", "idempotency", "business_clock", "migration")
TABLES: Final = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'r' order by c.relname
"""
GENERATED: Final = """
select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
order by attnum
"""
Snapshot = dict[str, tuple[list[str], bytes]]


async def take(owner_dsn: str) -> Snapshot:
    """Every table but the migrator's and the clock, from one moment."""
    con = await asyncpg.connect(owner_dsn)
    try:
        async with con.transaction(isolation="repeatable_read", readonly=True):
            names = [r[0] for r in await con.fetch(TABLES) if r[0] not in {"migration", "business_clock"}]
            return {name: await _copy(con, name) for name in names}
    finally:
        await con.close()


async def _copy(con: asyncpg.Connection, name: str) -> tuple[list[str], bytes]:
    columns = [r[0] for r in await con.fetch(GENERATED, name)]
    out = io.BytesIO()
    await con.copy_from_table(name, columns=columns, output=out, format="binary")
    return columns, out.getvalue()


async def put_back(owner_dsn: str, snapshot: Snapshot) -> None:
    """Replace the tables' contents in one transaction, as a restore of an older copy would."""
    con = await asyncpg.connect(owner_dsn)
    try:
        async with con.transaction():
            await con.execute(f"truncate {', '.join(snapshot)} cascade")
            for name in await _parents_first(con, list(snapshot)):
                columns, content = snapshot[name]
                await con.copy_to_table(name, source=io.BytesIO(content), columns=columns, format="binary")
    finally:
        await con.close()


async def _parents_first(con: asyncpg.Connection, names: list[str]) -> list[str]:
    links = await con.fetch(
        "select conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint where contype = 'f'"
    )
    parents = {n: {r["parent"] for r in links if r["child"] == n} - {n} for n in names}
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += [n for n in names if n not in ordered and parents[n] <= set(ordered)]
    return ordered


async def digests(owner_dsn: str) -> dict[str, str]:
    """A hash of each domain table's rows, whatever their order."""
    con = await asyncpg.connect(owner_dsn)
    try:
        names = [r[0] for r in await con.fetch(TABLES) if r[0] not in PLUMBING]
        return {name: await _digest(con, name) for name in names}
    finally:
        await con.close()


async def _digest(con: asyncpg.Connection, name: str) -> str:
    rows = sorted(r[0] for r in await con.fetch(f'select t::text from "{name}" t'))
    return f"{len(rows)} rows {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:16]}"
