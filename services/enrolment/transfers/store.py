"""What was moved, by whom and when."""

from typing import Any, Final

from services.enrolment.transfers.domain import Move
from shared.context import Context
from shared.db import Connection, load_queries

Q = load_queries(__file__)
LATEST: Final = 50


async def add(con: Connection, context: Context, move_id: str, parent_unit_id: str, move: Move) -> None:
    """Keep a move; the new totals are written with their events (quota.store.save)."""
    giver = move.giver
    await con.execute(Q.add, move_id, giver.programme_id, giver.cohort, parent_unit_id, giver.unit_id, move.taker.unit_id,
                      move.places, context.actor, context.now)  # fmt: skip


async def moves(con: Connection, programme_id: str, cohort: str, parent_unit_id: str) -> list[dict[str, Any]]:
    """The latest moves between the units right below one."""
    return [dict(r) for r in await con.fetch(Q.moves, programme_id, cohort, parent_unit_id, LATEST)]
