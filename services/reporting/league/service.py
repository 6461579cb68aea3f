"""Draws a league table from the facts; the same for everyone, so it is computed under the system role."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.reporting.league import store
from services.reporting.league.domain import choosing
from services.reporting.league.domain.choosing import INSTITUTION, Choice, Programme, Unknown
from services.reporting.league.domain.counting import Counts, count
from services.reporting.league.domain.punctuality import punctuality
from services.reporting.league.domain.ranking import Entrant, Table, draw, leaves_excused
from services.reporting.league.domain.sheets import Field, Sheet, sheet
from shared.db import Connection
from shared.policy import lookup
from shared.policy.tables import Formula
from shared.problems import Problem


class Report(msgspec.Struct, frozen=True):
    """A table with everything that is printed beside it."""

    choice: Choice
    table: Table
    as_of: datetime


async def choose(con: Connection, policy_key: str, scope: str, level: str | None, measure: str | None) -> Choice:
    """Resolve what was asked for; what is not said is the policy's first.

    Errors: Problem year-unknown, project-unknown, level-unknown, measure-unknown, left-out (404).
    """
    programme = await store.programme(con, policy_key)
    if programme is None:
        raise Problem(404, "year-unknown", policy=policy_key)
    try:
        return choosing.choose(programme, scope, level, measure)
    except Unknown as unknown:
        raise Problem(404, unknown.code, **unknown.details) from unknown


async def report(con: Connection, choice: Choice) -> Report:
    """Draw the table as of the newest event that is in it. Errors: Problem nothing-yet (404)."""
    as_of = await store.as_of(con)
    if as_of is None:
        raise Problem(404, "nothing-yet")
    formulas = choice.formulas
    entrants = await entrants_of(con, choice, formulas, as_of)
    return Report(choice, draw(entrants, choice.formula, formulas, choice.programme.policy.table_rules), as_of)


async def entrants_of(con: Connection, choice: Choice, formulas: Sequence[Formula], as_of: datetime) -> list[Entrant]:
    """Everyone who stands in the table, with counts for each formula."""
    if choice.level == INSTITUTION:
        return await _institutions(con, choice, formulas, as_of)
    return await _units(con, choice, formulas, _day(choice, as_of))


async def _units(con: Connection, choice: Choice, formulas: Sequence[Formula], on: date) -> list[Entrant]:
    key, policy = choice.programme.key, choice.programme.policy
    levels = [lv.key for lv in policy.units.levels]
    tallies = await store.tallies(con, key, choice.projects, choice.level)
    quota = await store.quota(con, key, choice.projects, levels, choice.level)
    figures = sorted({*tallies, *quota} - {""})
    idle = choice.level != levels[-1]
    units = await store.units(con, choice.level, choice.programme.issuer_path, on, figures, idle=idle)
    rest = [("", "", "", "", "")] if "" in tallies or "" in quota else []
    return [_entrant(choice, formulas, u, tallies.get(u[0], ()), quota.get(u[0], {})) for u in (*units, *rest)]


async def _institutions(con: Connection, choice: Choice, formulas: Sequence[Formula], as_of: datetime) -> list[Entrant]:
    key, policy = choice.programme.key, choice.programme.policy
    tallies = await store.tallies(con, key, choice.projects, INSTITUTION)
    courses = await store.courses(con, key, choice.projects)
    handed = await store.handed(con, key, choice.projects)
    inspections = await store.inspections(con, key, choice.projects)
    units = await store.institutions(con, sorted({*tallies, *courses, *inspections}))
    entrants = []
    for unit in units:
        own, nothing = unit[0], store.scored()
        due, kept = punctuality(policy, choice.projects, courses.get(own, ()), handed.get(own, ()), as_of)
        papers = Counts(quota=None, documents_due=due, documents_on_time=kept) + inspections.get(own, nothing)
        entrants.append(_entrant(choice, formulas, unit, tallies.get(own, ()), None, papers))
    return entrants


def _entrant(
    choice: Choice,
    formulas: Sequence[Formula],
    unit: Sequence[Any],
    tallies: Sequence[Any],
    quota: Mapping[str, int] | None,
    papers: Counts | None = None,
) -> Entrant:
    policy = choice.programme.policy
    rules, papers = policy.table_rules, papers or Counts(quota=None)
    without = [c.key for p in policy.projects for c in p.cohorts if not lookup.checkin_forms(policy, c.key)]

    def counted(*, leave_excused: bool) -> Counts:
        return count(tallies, quota, without, rules, leave_excused=leave_excused) + papers

    plain = counted(leave_excused=False)
    by_formula = {f.key: counted(leave_excused=True) if leaves_excused(f) else plain for f in formulas}
    unit_id, code, path, zh, en = unit
    return Entrant(unit_id, code, path, zh, en, by_formula, plain)


async def sheets(con: Connection, programme: Programme, keys: Collection[str], as_of: datetime) -> list[Sheet]:
    """The whole tables of some rankings of a year, over each group or project that they are drawn within (M08)."""
    return [await _sheet(con, choice, as_of) for choice in choosing.of_rankings(programme, keys)]


async def _sheet(con: Connection, choice: Choice, as_of: datetime) -> Sheet:
    policy = choice.programme.policy
    names = {g.key: g.names for g in policy.groups} | {p.key: p.names for p in policy.projects}
    entrants = await entrants_of(con, choice, choice.formulas, as_of)
    named = names[choice.scope]
    field = Field(choice.scope, named.zh, named.en)
    return sheet(choice.ranking, choice.level, field, choice.projects, entrants, choice.formulas, policy.table_rules)


def _day(choice: Choice, as_of: datetime) -> date:
    return as_of.astimezone(ZoneInfo(choice.programme.policy.calendar.timezone)).date()
