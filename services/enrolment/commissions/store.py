"""Commissions in the database."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.enrolment.commissions.domain import Commission, Year
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import ProjectCommissioned, ProjectReleased
from shared.outbox import Entry, append

Q = load_queries(__file__)


async def carrying(con: Connection, year: Year) -> set[str]:
    """The ids of the institutions that carry the project."""
    return {r["institution_id"] for r in await con.fetch(Q.carrying, year.programme_id, year.project)}


async def add(con: Connection, context: Context, events: Sequence[ProjectCommissioned]) -> list[str]:
    """Write commissions in one statement; gives the ids of those that nobody else wrote in between."""
    added = {r["commission_id"] for r in await con.fetch(Q.add, list(events), context.now, context.actor)}
    fresh = [e for e in events if e.commission_id in added]
    await append(con, context, [Entry(1, e) for e in fresh])
    return [e.commission_id for e in fresh]


async def lock(con: Connection, commission_id: str) -> Commission | None:
    """The commission, locked until the transaction ends."""
    row = await con.fetchrow(Q.lock, commission_id)
    return msgspec.convert(dict(row), Commission) if row else None


async def release(con: Connection, context: Context, event: ProjectReleased) -> int:
    """End a locked commission; gives its version."""
    version: int = await con.fetchval(Q.release, event.commission_id, event.released_at, context.actor, event.reason)
    await append(con, context, [Entry(version, event)])
    return version


async def listed(con: Connection, paths: Sequence[str], key: str, issuer_path: str) -> list[dict[str, Any]]:
    """The commissions of a year in reach, those in force first, with how many classes each has."""
    rows = [dict(r) for r in await con.fetch(Q.listed, list(paths), key, issuer_path)]
    return [{**r, "names": Names(r.pop("name_zh"), r.pop("name_en"))} for r in rows]
