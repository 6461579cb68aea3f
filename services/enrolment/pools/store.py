"""Pools in the database. The pool's row is the lock of its whole stream; it comes where quota cells come in the lock order."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.enrolment.pools.domain import Pool, Share
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import PoolAssigned, PoolEvent, PoolOpened, PoolShared
from shared.outbox import Entry, append

Q = load_queries(__file__)


async def insert_pools(con: Connection, context: Context, events: Sequence[PoolOpened]) -> None:
    """Make the pots of a year, with the first event of each."""
    if events:
        await con.execute(Q.open, events)
        await append(con, context, [Entry(1, e) for e in events])


async def lock_pool(con: Connection, programme_id: str, cohort: str) -> Pool | None:
    """The pot, locked until the transaction ends; what is counted is read after the lock is held."""
    await con.fetchval(Q.lock, programme_id, cohort)
    return await find_pool(con, programme_id, cohort)


async def find_pool(con: Connection, programme_id: str, cohort: str) -> Pool | None:
    """The pot, not locked; the numbers count what the connection may see."""
    row = await con.fetchrow(Q.pool, programme_id, cohort)
    return Pool(**dict(row)) if row else None


async def shares_of(con: Connection, pool_id: str) -> list[Share]:
    """The shares of all units, by unit code."""
    return [_share(r) for r in await con.fetch(Q.shares, pool_id)]


def _share(row: Any) -> Share:
    values = dict(row)
    return Share(unit=Names(values.pop("name_zh"), values.pop("name_en")), **values)


async def save_shares(con: Connection, context: Context, pool: Pool, events: Sequence[PoolShared]) -> None:
    """Apply new shares."""
    if events:
        await con.execute(Q.set_shares, events)
        await tell(con, context, pool, events)


async def save_assigned(con: Connection, context: Context, pool: Pool, event: PoolAssigned) -> None:
    """Apply who chooses."""
    await con.execute(Q.assign, pool.pool_id, event.institution_id, event.institution_path)
    await con.execute(Q.show_nominees, pool.pool_id, event.institution_path)
    await tell(con, context, pool, [event])


async def tell(con: Connection, context: Context, pool: Pool, events: Sequence[PoolEvent]) -> None:
    """Append events to the stream of a locked pot, in this order; once in a transaction, for ``pool`` knows the version."""
    if events:
        await con.execute(Q.advance, pool.pool_id, len(events))
        await append(con, context, [Entry(v, e) for v, e in enumerate(events, start=pool.version + 1)])


async def receivers(con: Connection, pool_id: str, issuer_unit_id: str, today: date) -> list[dict[str, Any]]:
    """The units right below the issuer, by code, each with its share and who is nominated out of it."""
    rows = [dict(r) for r in await con.fetch(Q.receivers, pool_id, issuer_unit_id, today)]
    return [{**r, "unit": Names(r.pop("name_zh"), r.pop("name_en"))} for r in rows]
