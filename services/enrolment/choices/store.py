"""Choices in the database: what they change of nominations. Places are written by the places' own store."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.enrolment.choices.domain import Nominee
from shared.db import Connection, load_queries
from shared.events.enrolment import NomineeChosen

Q = load_queries(__file__)


async def nominees(con: Connection, pool_id: str, nomination_ids: Sequence[str]) -> dict[str, Nominee]:
    """The nominations of a locked pot that exist, by id."""
    rows = await con.fetch(Q.nominees, pool_id, list(nomination_ids))
    return {r["nomination_id"]: msgspec.convert(dict(r), Nominee) for r in rows}


async def save(con: Connection, chosen: Sequence[NomineeChosen], passed: Mapping[str, str], now: datetime) -> None:
    """Mark nominations; ``passed`` gives the reason by id."""
    if chosen:
        await con.execute(Q.set_chosen, chosen)
    if passed:
        await con.execute(Q.set_passed, [{"nomination_id": i, "not_chosen_reason": r} for i, r in passed.items()], now)
