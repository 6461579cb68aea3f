"""What the tables of a database hold, as one hash each."""

import hashlib
from typing import Final

import asyncpg

from deploy.operations.figures import PLUMBING

TABLES: Final = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'r' order by c.relname
"""


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
