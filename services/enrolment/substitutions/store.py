"""What was asked about substitutes, and how it was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from services.enrolment.places.domain import Place
from shared.context import Context
from shared.db import Connection, load_queries

Q = load_queries(__file__)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request that waits for the superior."""

    substitution_id: str
    place_id: str
    substitute_id: str
    reason: str
    asked_by: str
    asked_at: datetime


async def add(con: Connection, context: Context, place: Place, substitute_id: str, reason: str, who: str) -> bool:
    """Keep a request; False when the place has one already."""
    try:
        async with con.transaction():
            await con.execute(Q.add, str(uuid4()), place.place_id, place.person_id, place.unit_path,
                              place.institution_path, substitute_id, reason, who, context.now)  # fmt: skip
    except asyncpg.UniqueViolationError:
        return False
    return True


async def asked(con: Connection, place_id: str, *, lock: bool = False) -> Asked | None:
    """The open request of a place, locked for its decision if asked."""
    row = await con.fetchrow(Q.lock_asked if lock else Q.asked, place_id)
    return msgspec.convert(dict(row), Asked) if row else None


async def decide(con: Connection, context: Context, substitution_id: str, status: str, who: str, words: str) -> None:
    """Write the decision."""
    await con.execute(Q.decide, substitution_id, status, who, context.now, words)


async def stood_in(con: Connection, place: Place, person_id: str, once_per: Sequence[str]) -> bool:
    """Whether the person was a substitute already, in the same year and the same of ``once_per`` (project, institution)."""
    found: bool = await con.fetchval(Q.stood_in, person_id, place.programme_id,
                                     place.project if "project" in once_per else None,
                                     place.institution_id if "institution" in once_per else None)  # fmt: skip
    return found


async def could_stand_in(con: Connection, place: Place) -> list[dict[str, Any]]:
    """The people of the same unit without a place in the cohort, by name, as far as the connection sees them."""
    return [dict(r) for r in await con.fetch(Q.could_stand_in, place.unit_id, place.programme_id, place.cohort)]


async def place_of(con: Connection, place_id: str) -> Place | None:
    """A place as far as the connection may see it, not locked."""
    row = await con.fetchrow(Q.place_of, place_id)
    return msgspec.convert(dict(row), Place) if row else None


async def page(con: Connection) -> list[dict[str, Any]]:
    """Requests that the connection may see, open ones first."""
    return [dict(r) for r in await con.fetch(Q.page)]
