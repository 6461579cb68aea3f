"""Passing quota down, and reading it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn
from uuid import uuid4

import msgspec

from services.enrolment.places.service import require_cohort, require_open
from services.enrolment.programmes.service import published
from services.enrolment.programmes.store import Programme, units_with_contact
from services.enrolment.quota import store
from services.enrolment.quota.domain import Cell, Child, Grant, Mistake, decide_pass_down
from services.enrolment.wording.service import said
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events.enrolment import QuotaAllocated
from shared.problems import Problem
from shared.texts import Texts
from shared.units import Unit, units_by_code

Family = Callable[[Connection, str], Awaitable[list[Cell]]]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One command: give the children of a unit these totals."""

    key: str
    cohort: str
    unit: str
    places: dict[str, int]


async def pass_down(con: Connection, context: Context, principal: Principal, ask: Ask, texts: Texts) -> dict[str, Any]:
    """New totals for children of a unit.

    Problems: 404 out-of-scope, unit-unknown; 409 selection-closed; 422 no-quota-of-unit, not-a-child, quota-not-passed
    (one error per unit with the numbers).
    """
    programme, parent, siblings, grants = await _asked(con, context, principal, ask, store.lock_family)
    events = _decided(parent, siblings, grants, texts)
    cells = {c.cell_id: c for c in siblings}
    await store.save(con, context.with_policy(programme.policy.version), cells, events)
    return {"from": ask.unit, "passed_to": len(events), "places": sum(ask.places.values())}


async def check(con: Connection, context: Context, principal: Principal, ask: Ask, texts: Texts) -> None:
    """As ``pass_down``, and nothing is done: what would be refused is refused here."""
    _, parent, siblings, grants = await _asked(con, context, principal, ask, store.read_family)
    _decided(parent, siblings, grants, texts)


async def _asked(
    con: Connection, context: Context, principal: Principal, ask: Ask, family: Family
) -> tuple[Programme, Cell, list[Cell], list[Grant]]:
    programme = await published(con, ask.key)
    require_cohort(programme, ask.cohort)
    units = await units_by_code(con, [ask.unit, *ask.places])
    unit = await _reach(principal, units, ask)
    require_open(programme.policy, ask.cohort, unit.level, context.now)
    parent, siblings = await _parted(con, programme, ask.cohort, unit, family)
    grants = await _grants(con, [units[code] for code in ask.places], siblings, ask)
    return programme, parent, siblings, grants


def _decided(parent: Cell, siblings: Sequence[Cell], grants: Sequence[Grant], texts: Texts) -> list[QuotaAllocated]:
    decision = decide_pass_down(parent, siblings, grants)
    if any(isinstance(d, Mistake) for d in decision):
        refuse([d for d in decision if isinstance(d, Mistake)], texts)
    return [d for d in decision if not isinstance(d, Mistake)]


async def _reach(principal: Principal, units: dict[str, Unit], ask: Ask) -> Unit:
    if ask.unit not in units:
        raise Problem(404, "unit-unknown", unit=ask.unit)
    parent = units[ask.unit]
    principal.require(parent.path, "province", "city", "county")
    strangers = [code for code in ask.places if code not in units or units[code].parent_id != parent.unit_id]
    if strangers:
        raise Problem(422, "not-a-child", children=", ".join(strangers), unit=parent.names)
    return parent


async def _parted(
    con: Connection, programme: Programme, cohort: str, unit: Unit, family: Family
) -> tuple[Cell, list[Cell]]:
    cell_id = await store.cell_of_unit(con, programme.programme_id, cohort, unit.unit_id)
    if cell_id is None:
        raise Problem(422, "no-quota-of-unit", unit=unit.names)
    cells = await family(con, cell_id)
    return next(c for c in cells if c.cell_id == cell_id), [c for c in cells if c.cell_id != cell_id]


async def _grants(con: Connection, units: Sequence[Unit], siblings: Sequence[Cell], ask: Ask) -> list[Grant]:
    return [
        Grant(child, ask.places[u.code]) for u, child in zip(units, await children(con, units, siblings), strict=True)
    ]


async def children(con: Connection, units: Sequence[Unit], siblings: Sequence[Cell]) -> list[Child]:
    """The units as children, each with its cell and whether it names a contact; the ids of new cells are fresh."""
    told = await units_with_contact(con, [u.unit_id for u in units])
    by_unit = {c.unit_id: c for c in siblings}
    return [
        Child(
            cell_id=str(uuid4()),
            unit_id=u.unit_id,
            unit_path=u.path,
            unit=u.names,
            cell=by_unit.get(u.unit_id),
            contacts=int(u.unit_id in told),
        )
        for u in units
    ]


def refuse(mistakes: Sequence[Mistake], texts: Texts) -> NoReturn:
    """Problem 422 quota-not-passed: each mistake with its unit and numbers, in both languages."""
    errors = [
        {**said(texts, m.code, {"unit": m.unit, **m.numbers}), "unit_id": m.unit_id, "numbers": m.numbers}
        for m in mistakes
    ]
    raise Problem(422, "quota-not-passed", errors=errors, count=len(errors))


async def overview(con: Connection, principal: Principal, key: str, cohort: str, unit_code: str | None) -> list[Cell]:
    """The cells of a unit's subtree; without a unit, of everything that the principal reaches."""
    programme = await published(con, key)
    require_cohort(programme, cohort)
    if unit_code is None:
        paths = sorted({g.path for g in principal.grants if g.path})
    else:
        unit = (await units_by_code(con, [unit_code])).get(unit_code)
        if unit is None:
            raise Problem(404, "unit-unknown", unit=unit_code)
        principal.require(unit.path)
        paths = [unit.path]
    found = {c.cell_id: c for path in paths for c in await store.cells_under(con, programme.programme_id, cohort, path)}
    return list(found.values())
