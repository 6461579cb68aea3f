"""Reads one unit's rates out of each year's table; a year's table is the same as on its own page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.reporting.league import store
from services.reporting.league.domain.choosing import INSTITUTION, Choice, Programme, of_whole_year
from services.reporting.league.domain.ranking import measure
from services.reporting.league.service import entrants_of
from services.reporting.trends.domain import Trend, Year, trends, within, years_back
from shared.db import Connection
from shared.problems import Problem


class View(msgspec.Struct, frozen=True):
    """A unit with its trends; ``years`` are those in which it stands in a table."""

    unit: Any
    years: Sequence[Year]
    trends: Sequence[Trend]
    as_of: datetime


async def view(con: Connection, code: str) -> View:
    """The trends of a unit or institution. Errors: Problem unit-unknown, nothing-yet (404)."""
    unit, at = await store.unit_by_code(con, code), await store.as_of(con)
    if unit is None:
        raise Problem(404, "unit-unknown", code=code)
    if at is None:
        raise Problem(404, "nothing-yet")
    found = [(p, c) for p in await store.programmes(con) if (c := _choice(p, unit)) is not None]
    newest = max((p.policy for p, _ in found), key=lambda p: p.year, default=None)
    shown = within([p.policy for p, _ in found], years_back(newest) if newest else None)
    years = [await _year(con, c, unit["unit_id"], at) for p, c in found if p.policy in shown]
    known = [y for y in years if y is not None]
    return View(unit, known, trends(known), at)


def _choice(programme: Programme, unit: Any) -> Choice | None:
    """The year's table in which the unit stands, over all projects that the ranking does not leave out."""
    level = INSTITUTION if unit["kind"] == INSTITUTION else unit["level"]
    below = unit["path"].startswith(programme.issuer_path) and unit["path"] != programme.issuer_path
    return of_whole_year(programme, level) if below and level else None


async def _year(con: Connection, choice: Choice, unit_id: str, at: datetime) -> Year | None:
    policy = choice.programme.policy
    rows = [e for e in await entrants_of(con, choice, choice.formulas, at) if e.unit_id == unit_id]
    if not rows:
        return None
    measures = {f.key: measure(f, rows[0].counts[f.key]) for f in choice.formulas}
    return Year(
        policy.version, policy.year, policy.names.zh, policy.names.en, policy.table_rules, choice.formulas, measures
    )
