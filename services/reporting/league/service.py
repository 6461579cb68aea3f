"""Draws a league table from the facts; the same for everyone, so it is computed under the system role."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.reporting.league import store
from services.reporting.league.domain.counting import Counts, count
from services.reporting.league.domain.punctuality import punctuality
from services.reporting.league.domain.ranking import Entrant, Table, draw, leaves_excused
from services.reporting.league.store import INSTITUTION, Programme
from shared.db import Connection
from shared.policy import lookup
from shared.policy.tables import Formula, Ranking
from shared.problems import Problem


class Choice(msgspec.Struct, frozen=True):
    """What to draw: a ranking of the policy at a level, by one of its measures, over one project or group."""

    programme: Programme
    scope: str
    projects: tuple[str, ...]
    ranking: Ranking
    level: str
    formula: Formula

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that can be ranked, top first: those below the issuer's own, then institutions if they are ranked."""
        policy = self.programme.policy
        ranked = {r.ranked.level for r in policy.rankings}
        return (*(lv.key for lv in policy.units.levels[1:]), *({INSTITUTION} & ranked))


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
    projects = _projects(programme, scope)
    ranking = _ranking(programme, projects, level)
    level = level or ranking.ranked.level
    left_out = ranking.leave_out.projects if ranking.leave_out else ()
    drawn = tuple(p for p in projects if p not in left_out)
    choice = Choice(programme, scope, drawn, ranking, level, _measure(programme, ranking, measure))
    if level not in choice.levels:
        raise Problem(404, "level-unknown", level=level)
    if not drawn:
        raise Problem(404, "left-out", project=scope)
    return choice


async def report(con: Connection, choice: Choice) -> Report:
    """Draw the table as of the newest event that is in it. Errors: Problem nothing-yet (404)."""
    as_of = await store.as_of(con)
    if as_of is None:
        raise Problem(404, "nothing-yet")
    formulas = [lookup.formula(choice.programme.policy, key) for key in (*choice.ranking.by, *choice.ranking.beside)]
    if choice.level == INSTITUTION:
        entrants = await _institutions(con, choice, formulas, as_of)
    else:
        entrants = await _units(con, choice, formulas, _day(choice, as_of))
    return Report(choice, draw(entrants, choice.formula, formulas, choice.programme.policy.table_rules), as_of)


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
    units = await store.institutions(con, sorted({*tallies, *courses}))
    entrants = []
    for unit in units:
        of = [punctuality(policy, p, [c for c in courses.get(unit[0], ()) if c.project == p],
                          [h for h in handed.get(unit[0], ()) if h.project == p], as_of)
              for p in choice.projects]  # fmt: skip
        papers = Counts(quota=None, documents_due=sum(d for d, _ in of), documents_on_time=sum(t for _, t in of))
        entrants.append(_entrant(choice, formulas, unit, tallies.get(unit[0], ()), None, papers))
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
        return count(tallies, quota, without, rules.without_checkin_use, leave_excused=leave_excused) + papers

    plain = counted(leave_excused=False)
    by_formula = {f.key: counted(leave_excused=True) if leaves_excused(f, rules) else plain for f in formulas}
    unit_id, code, path, zh, en = unit
    return Entrant(unit_id, code, path, zh, en, by_formula, plain)


def _projects(programme: Programme, scope: str) -> list[str]:
    policy = programme.policy
    found = [p.key for p in policy.projects if scope in (p.key, p.group)]
    if not found:
        raise Problem(404, "project-unknown", project=scope)
    return found


def _ranking(programme: Programme, projects: Sequence[str], level: str | None) -> Ranking:
    """The policy's ranking of institutions, or that of units: the one for this level if there is one."""
    rankings = programme.policy.rankings
    wanted = [r for r in rankings if (r.ranked.level == INSTITUTION) == (level == INSTITUTION)]
    fitting = sorted(wanted, key=lambda r: (r.ranked.level != level, _leaves_out(r, projects)))
    if not fitting:
        raise Problem(404, "level-unknown", level=level or "")
    return fitting[0]


def _leaves_out(ranking: Ranking, projects: Sequence[str]) -> bool:
    return ranking.leave_out is not None and set(projects) <= set(ranking.leave_out.projects)


def _measure(programme: Programme, ranking: Ranking, measure: str | None) -> Formula:
    if measure is not None and measure not in ranking.by:
        raise Problem(404, "measure-unknown", measure=measure)
    return lookup.formula(programme.policy, measure or ranking.by[0])


def _day(choice: Choice, as_of: datetime) -> date:
    return as_of.astimezone(ZoneInfo(choice.programme.policy.calendar.timezone)).date()
