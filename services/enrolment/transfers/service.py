"""Moving places between siblings, as one transaction with both events. Undoing it is a move back."""

from typing import Any, Final
from uuid import uuid4

import msgspec

from services.enrolment.places.service import require_cohort, require_open
from services.enrolment.programmes.service import published
from services.enrolment.programmes.store import Programme
from services.enrolment.quota import store as cells
from services.enrolment.quota.domain import Mistake
from services.enrolment.quota.service import children, refuse
from services.enrolment.transfers import store
from services.enrolment.transfers.domain import Move, decide_move
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.problems import Problem
from shared.texts import Texts
from shared.units import Unit, units_by_code

APPROVERS: Final = ("province", "city", "county")
MOST: Final = 1_000_000  # places moved at once


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One command: so many places of the giver for the taker, both by code."""

    key: str
    cohort: str
    giver: str
    taker: str
    places: int


async def move(con: Connection, context: Context, principal: Principal, ask: Ask, texts: Texts) -> dict[str, Any]:
    """Move places, as an officer of the superior, or of the issuer where the policy says ``root``.

    Locks the superior's cell and all cells below it, by id. Problems: 404 out-of-scope, unit-unknown; 409 selection-closed,
    transfers-impossible; 422 not-siblings, no-quota-of-unit, quota-not-passed (with the numbers).
    """
    programme = await published(con, ask.key)
    require_cohort(programme, ask.cohort)
    giver, taker = await _siblings(con, principal, programme, ask)
    require_open(programme.policy, ask.cohort, giver.level, context.now)
    cell_id = await cells.cell_of_unit(con, programme.programme_id, ask.cohort, giver.unit_id)
    if cell_id is None:
        raise Problem(422, "no-quota-of-unit", unit=giver.names)
    (seen,) = await cells.read_cells(con, [cell_id])
    locked = {c.unit_id: c for c in await cells.lock_siblings(con, seen)}
    (child,) = await children(con, [taker], list(locked.values()))
    return await _moved(con, context.with_policy(programme.policy.version), giver, Move(giver=locked[giver.unit_id], taker=child, places=ask.places), texts)  # fmt: skip


async def _moved(con: Connection, context: Context, giver: Unit, asked: Move, texts: Texts) -> dict[str, Any]:
    decision = decide_move(asked)
    if any(isinstance(d, Mistake) for d in decision):
        refuse([d for d in decision if isinstance(d, Mistake)], texts)
    events = [d for d in decision if not isinstance(d, Mistake)]
    known = [c for c in (asked.giver, asked.taker.cell) if c]
    move_id = str(uuid4())
    await cells.save(con, context, {c.cell_id: c for c in known}, events)
    await store.add(con, context, move_id, giver.parent_id or "", asked)
    return {"move_id": move_id, "places": asked.places, "giver": events[0].places, "taker": events[1].places}


async def _siblings(con: Connection, principal: Principal, programme: Programme, ask: Ask) -> tuple[Unit, Unit]:
    units = await units_by_code(con, [ask.giver, ask.taker])
    if missing := [code for code in (ask.giver, ask.taker) if code not in units]:
        raise Problem(404, "unit-unknown", unit=", ".join(missing))
    giver, taker = units[ask.giver], units[ask.taker]
    rules = programme.policy.quota.transfers
    root = rules is not None and rules.approved_by == "root"
    principal.require(programme.issuer_path if root else above(giver), *APPROVERS)
    if rules is None:
        raise Problem(409, "transfers-impossible", key=ask.key)
    if giver.parent_id != taker.parent_id or giver.unit_id == taker.unit_id:
        raise Problem(422, "not-siblings", giver=giver.names, taker=taker.names)
    return giver, taker


def above(unit: Unit) -> str:
    """The path of the superior."""
    return unit.path.removesuffix(f"{unit.unit_id}/")
