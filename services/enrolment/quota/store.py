"""Quota cells in the database. Locks are taken in the order of cell ids, before those of persons and places."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from services.enrolment.quota.domain import Cell, next_version
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import QuotaAllocated
from shared.outbox import Entry, append
from shared.units import Unit

Q = load_queries(__file__)


async def lock_family(con: Connection, cell_id: str) -> list[Cell]:
    """A cell and its children, locked. Asked twice: the first answer may miss a child that was just committed."""
    await con.fetch(Q.lock_family, cell_id)
    family = await con.fetch(Q.lock_family, cell_id)
    return await read_cells(con, [r["cell_id"] for r in family])


async def read_family(con: Connection, cell_id: str) -> list[Cell]:
    """A cell and its children, not locked: to show what would come of a command."""
    return await read_cells(con, [r["cell_id"] for r in await con.fetch(Q.family, cell_id)])


async def lock_siblings(con: Connection, like: Cell) -> list[Cell]:
    """All cells under the same superior's, and that one, locked; those of the first level have none above them."""
    asked = (like.programme_id, like.cohort, like.parent_cell_id)
    await con.fetch(Q.lock_siblings, *asked)
    siblings = await con.fetch(Q.lock_siblings, *asked)
    return await read_cells(con, [r["cell_id"] for r in siblings])


async def lock_first_level(con: Connection, programme_id: str, cohort: str) -> list[Cell]:
    """All cells that the issuer handed out itself, locked; hold the year's row, for new ones have none to lock."""
    return await read_cells(con, [r["cell_id"] for r in await con.fetch(Q.lock_first_level, programme_id, cohort)])


async def lock_cells(con: Connection, programme_id: str, cohort: str, unit_ids: Iterable[str]) -> dict[str, Cell]:
    """The cells of the units by unit id, locked; the counts are read after the lock is held."""
    rows = await con.fetch(Q.lock_of_units, programme_id, cohort, sorted(set(unit_ids)))
    return {c.unit_id: c for c in await read_cells(con, [r["cell_id"] for r in rows])}


async def read_cells(con: Connection, cell_ids: Sequence[str]) -> list[Cell]:
    """The cells with what is selected in them and passed on from them, by unit code."""
    return [_cell(r) for r in await con.fetch(Q.cells, cell_ids)]


async def cell_of_unit(con: Connection, programme_id: str, cohort: str, unit_id: str) -> str | None:
    """The id of the unit's cell."""
    cell_id: str | None = await con.fetchval(Q.cell_of_unit, programme_id, cohort, unit_id)
    return cell_id


async def cells_under(con: Connection, programme_id: str, cohort: str, path: str) -> list[Cell]:
    """All cells of a subtree."""
    rows = await con.fetch(Q.cells_under, programme_id, cohort, path)
    return await read_cells(con, [r["cell_id"] for r in rows])


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A unit right below another one with what it has of a cohort.

    ``selected`` counts its whole subtree; ``bound`` are the places it can't give away: filled by itself, or passed on.
    """

    unit_id: str
    code: str
    unit: Names
    contact: bool
    places: int
    passed: int
    selected: int
    bound: int
    synthetic: bool


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit has of a cohort; an issuer has what its first level holds together."""

    programme_id: str
    cohort: str
    places: int
    passed: int
    selected: int
    synthetic: bool


async def parts(con: Connection, programme_id: str, cohort: str, unit: Unit, today: date) -> list[Part]:
    """The units right below that may hold places, by code; people are those that the connection may see."""
    rows = [dict(r) for r in await con.fetch(Q.parts, programme_id, cohort, unit.unit_id, unit.path, today)]
    return [Part(unit=Names(r.pop("name_zh"), r.pop("name_en")), **r) for r in rows]


async def first_parts(
    con: Connection, programme_id: str, cohort: str, issuer: Unit, codes: Sequence[str], today: date
) -> list[Part]:
    """The units of these codes, or (without any) those right below the issuer, by code; ``bound`` is not told."""
    rows = [dict(r) for r in await con.fetch(Q.first_parts, programme_id, cohort, issuer.unit_id, list(codes), today)]
    return [Part(unit=Names(r.pop("name_zh"), r.pop("name_en")), **r) for r in rows]


async def given(con: Connection, unit: Unit) -> list[Given]:
    """What the unit has of each cohort of each year."""
    return [Given(**dict(r)) for r in await con.fetch(Q.given, unit.unit_id, unit.path)]


async def selected_by(con: Connection, programme_id: str, cohort: str, unit_id: str) -> int:
    """How many places the unit itself has filled."""
    number: int = await con.fetchval(Q.selected_by, programme_id, cohort, unit_id)
    return number


async def insert_cells(con: Connection, context: Context, events: Sequence[QuotaAllocated]) -> None:
    """Make new cells of one programme, with their first event."""
    if not events:
        return
    columns = ("cell_id", "parent_cell_id", "unit_id", "unit_path", "places", "synthetic", "project", "cohort")
    values = [[getattr(e, name) for e in events] for name in columns]
    await con.execute(Q.insert, *values, events[0].programme_id, events[0].policy_key)
    await append(con, context, [Entry(1, e) for e in events])


async def save(con: Connection, context: Context, cells: Mapping[str, Cell], events: Sequence[QuotaAllocated]) -> None:
    """Apply new totals; ``cells`` holds the locked cells by id, the rest is new."""
    await insert_cells(con, context, [e for e in events if e.cell_id not in cells])
    changed = [e for e in events if e.cell_id in cells]
    if changed:
        versions = [next_version(cells, e) for e in changed]
        columns = [[getattr(e, name) for e in changed] for name in ("cell_id", "places", "synthetic")]
        await con.execute(Q.set_places, columns[0], columns[1], versions, columns[2])
        await append(con, context, [Entry(v, e) for v, e in zip(versions, changed, strict=True)])


def _cell(row: Any) -> Cell:
    values = dict(row)
    return Cell(unit=Names(zh=values.pop("name_zh"), en=values.pop("name_en")), **values)
