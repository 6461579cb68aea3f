"""Reads tallies, quota and units; what a table is made of them is the domain's business."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.reporting.league.domain.choosing import INSTITUTION, Programme
from services.reporting.league.domain.counting import Counts, Tally
from services.reporting.league.domain.punctuality import Course, Handed
from shared.db import Connection, load_queries
from shared.policy import from_dict

Q = load_queries(__file__)
Tallies = Mapping[str, Sequence[Tally]]
Quota = Mapping[str, Mapping[str, int]]


async def programmes(con: Connection) -> list[Programme]:
    """Every published year, the newest first."""
    return [_programme(r) for r in await con.fetch(Q.programmes)]


async def programme(con: Connection, key: str) -> Programme | None:
    """One published year."""
    row = await con.fetchrow(Q.programme, key)
    return _programme(row) if row else None


async def as_of(con: Connection) -> datetime | None:
    """The business time of the newest event that the tables contain."""
    moment: datetime | None = await con.fetchval(Q.as_of)
    return moment


async def tallies(con: Connection, key: str, projects: Sequence[str], level: str) -> Tallies:
    """Tallies by unit id of a level, or by institution; ``""`` holds the places that hang under none."""
    if level == INSTITUTION:
        rows = await con.fetch(Q.institution_tallies, key, projects)
    else:
        rows = await con.fetch(Q.unit_tallies, key, projects, level)
    found: dict[str, list[Tally]] = defaultdict(list)
    for unit_id, *values in rows:
        found[unit_id or ""].append(Tally(*values))
    return found


async def quota(con: Connection, key: str, projects: Sequence[str], levels: Sequence[str], level: str) -> Quota:
    """Places allotted by unit id of a level and cohort; ``""`` holds what was given to lower units directly."""
    at = levels.index(level)
    rows = await con.fetch(Q.quota, key, projects, level, levels[at + 1 :], levels[:at])
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for unit_id, cohort, places in rows:
        found[unit_id or ""][cohort] = places
    return found


async def units(
    con: Connection, level: str, root: str, on: date, with_figures: Sequence[str], *, idle: bool
) -> list[Any]:
    """The units that a table lists: those with figures, and if ``idle`` every other valid one."""
    rows: list[Any] = await con.fetch(Q.units, level, root, on, with_figures, idle)
    return rows


async def institutions(con: Connection, ids: Sequence[str]) -> list[Any]:
    """Institutions by id."""
    rows: list[Any] = await con.fetch(Q.institutions, ids)
    return rows


async def courses(con: Connection, key: str, projects: Sequence[str]) -> Mapping[str, Sequence[Course]]:
    """Classes that were not cancelled, by institution id."""
    found: dict[str, list[Course]] = defaultdict(list)
    for institution_id, *values in await con.fetch(Q.courses, key, projects):
        found[institution_id].append(Course(*values))
    return found


async def handed(con: Connection, key: str, projects: Sequence[str]) -> Mapping[str, Sequence[Handed]]:
    """Documents handed in, by institution id."""
    found: dict[str, list[Handed]] = defaultdict(list)
    for institution_id, *values in await con.fetch(Q.handed, key, projects):
        found[institution_id].append(Handed(*values))
    return found


async def inspections(con: Connection, key: str, projects: Sequence[str]) -> Mapping[str, Counts]:
    """Points of the inspections, by institution id (M09)."""
    rows = await con.fetch(Q.inspections, key, projects)
    return {institution_id: scored(*sums) for institution_id, *sums in rows}


def scored(number: int = 0, score: Decimal = Decimal(0), most: Decimal = Decimal(0)) -> Counts:
    """Counts that hold inspections alone."""
    return Counts(quota=None, inspections=number, inspection_score=score, inspection_max=most)


async def steps(con: Connection) -> list[dict[str, Any]]:
    """How far each published year is, in counts."""
    return [dict(r) for r in await con.fetch(Q.steps)]


async def unit_by_code(con: Connection, code: str) -> Any:
    """A unit or institution, or None."""
    return await con.fetchrow(Q.unit_by_code, code)


async def places(
    con: Connection, key: str, projects: Sequence[str], path: str, page: tuple[int, int]
) -> list[dict[str, Any]]:
    """The rows behind a figure of a unit or institution; ``page`` is (how many, from which)."""
    return [dict(r) for r in await con.fetch(Q.places, key, projects, path, *page)]


async def count_places(con: Connection, key: str, projects: Sequence[str], path: str) -> int:
    """How many rows are behind the figures of a unit or institution, in the reader's scope."""
    number: int = await con.fetchval(Q.count_places, key, projects, path)
    return number


def _programme(row: Mapping[str, Any]) -> Programme:
    return Programme(row["policy_key"], row["revision"], row["issuer_path"], from_dict(row["policy"]))
