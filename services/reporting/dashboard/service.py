"""Puts together how far a year is, as far as the reader's scope reaches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.reporting.dashboard import store
from services.reporting.dashboard.domain import Debt, Held, Today, debts, ending, rates, states
from services.reporting.league.domain.choosing import Programme, present
from services.reporting.league.domain.counting import Counts, count
from services.reporting.league.domain.punctuality import Owed, owed
from shared.db import Connection
from shared.policy import Policy, lookup
from shared.policy.tables import Formula
from shared.problems import Problem


class Dashboard(msgspec.Struct, frozen=True):
    """One year in one scope at one instant."""

    programme: Programme
    years: Sequence[Programme]
    now: datetime
    as_of: datetime
    counts: Counts
    rates: Sequence[tuple[Formula, dict[str, Any]]]
    states: Mapping[str, int]
    classes: Sequence[Held]
    debts: Sequence[Debt]
    ending: Sequence[Today]
    names: Mapping[str, Mapping[str, str]]


async def dashboard(con: Connection, policy_key: str | None, now: datetime) -> Dashboard | None:
    """The year that was asked for, else the present one in scope; None as long as no year is published.

    ``con`` is the reader role's. Errors: Problem year-unknown (404).
    """
    years, at = await store.years(con), await store.as_of(con)
    if not years or at is None:
        return None
    programme = _chosen(years, policy_key or present(await store.begun(con)))
    policy, classes = programme.policy, await store.classes(con, programme.key)
    counts = await _counts(con, policy)
    late = debts(await _owed(con, policy, classes), policy, now)
    return Dashboard(
        programme=programme, years=years, now=now, as_of=at, counts=counts[False],
        rates=rates(policy, counts), states=states(classes), classes=classes, debts=late, ending=ending(policy, now),
        names=await store.names(con, sorted({c.institution_id for c in classes})),
    )  # fmt: skip


def _chosen(years: Sequence[Programme], key: str | None) -> Programme:
    found = next((year for year in years if year.key == key), None)
    if found is None:
        raise Problem(404, "year-unknown", policy=key)
    return found


async def _counts(con: Connection, policy: Policy) -> dict[bool, Counts]:
    """The counts in scope, by whether excused places are left out."""
    tallies, quota = await store.tallies(con, policy.key), await store.quota(con, policy.key)
    without = [c.key for p in policy.projects for c in p.cohorts if not lookup.checkin_forms(policy, c.key)]
    rules = policy.table_rules
    return {leave: count(tallies, quota, without, rules, leave_excused=leave) for leave in (False, True)}


async def _owed(con: Connection, policy: Policy, classes: Sequence[Held]) -> dict[str, Sequence[Owed]]:
    """What institutions owe: their own readers see all of it, others what is owed for the classes that they see."""
    by_institution: dict[str, list[Held]] = defaultdict(list)
    for held in classes:
        by_institution[held.institution_id].append(held)
    handed = await store.handed(con, policy.key, sorted(by_institution))
    projects = [p.key for p in policy.projects]
    found: dict[str, Sequence[Owed]] = {}
    for unit, mine in by_institution.items():
        courses = [course for c in mine if (course := c.course())]
        all_ = owed(policy, projects, courses, handed.get(unit, ()))
        found[unit] = all_ if mine[0].own else [o for o in all_ if o.class_id is not None]
    return found
