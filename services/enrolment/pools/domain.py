"""A pool: one pot of places for which more people are nominated than it holds (Q13).

The ratio holds for the whole pot; each unit has a share of the nominations, which is no quota.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from shared.events.base import Names
from shared.events.enrolment import PoolAssigned, PoolOpened, PoolShared
from shared.policy.catalogue import Cohort
from shared.policy.model import Policy
from shared.policy.quota import Nominations, PoolQuota


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """A pot, locked; ``chosen`` counts the places in force, ``named`` the people nominated."""

    pool_id: str
    version: int
    programme_id: str
    policy_key: str
    project: str
    cohort: str
    places: int
    nominations: int
    institution_id: str | None
    institution_path: str | None
    chosen: int = 0
    named: int = 0


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How many a unit may nominate, and how many it did."""

    unit_id: str
    code: str
    unit_path: str
    unit: Names
    nominations: int
    synthetic: bool
    named: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The new share of a unit right under the issuer; ``named`` are nominated already."""

    unit_id: str
    unit_path: str
    unit: Names
    nominations: int
    named: int
    contacts: int


class Mistake(msgspec.Struct, frozen=True):
    """Why shares can't be so: a problem code with its numbers and the unit that it is about."""

    code: str
    unit: Names | None = None
    numbers: dict[str, int] = {}


def terms(cohort: Cohort) -> tuple[PoolQuota, Nominations] | None:
    """The cohort's pot and its nominations, if its quota has that shape."""
    quota = cohort.quota
    if isinstance(quota, PoolQuota) and quota.nominations:
        return quota, quota.nominations
    return None


def decide_open(policy: Policy, programme_id: str, ids: Iterator[str], now: datetime) -> list[PoolOpened]:
    """The pots of a year that is being published; ``ids`` gives fresh ids."""
    found = [(p, c, t) for p in policy.projects for c in p.cohorts if (t := terms(c))]
    return [
        PoolOpened(
            pool_id=next(ids),
            programme_id=programme_id,
            policy_key=policy.key,
            project=project.key,
            cohort=cohort.key,
            places=quota.total,
            nominations=nominations.total,
            opened_at=now,
        )
        for project, cohort, (quota, nominations) in found
    ]


def decide_shares(
    pool: Pool, shares: Sequence[Share], asked: Sequence[Asked], *, synthetic: bool
) -> list[PoolShared] | list[Mistake]:
    """New shares; together they never exceed the nominations of the pot, and none falls below who is nominated."""
    mistakes = [m for a in asked for m in _mistakes(a)]
    totals = {s.unit_id: s.nominations for s in shares} | {a.unit_id: a.nominations for a in asked}
    over = sum(totals.values()) - pool.nominations
    if over > 0:
        numbers = {"given": sum(totals.values()), "nominations": pool.nominations, "over": over}
        mistakes.append(Mistake("nominations-exceeded", None, numbers))
    if mistakes:
        return mistakes
    before: Mapping[str, tuple[int, bool]] = {s.unit_id: (s.nominations, s.synthetic) for s in shares}
    return [
        PoolShared(
            pool_id=pool.pool_id,
            unit_id=a.unit_id,
            unit_path=a.unit_path,
            nominations=a.nominations,
            synthetic=synthetic,
        )
        for a in asked
        if before.get(a.unit_id) != (a.nominations, synthetic)
    ]


def _mistakes(asked: Asked) -> list[Mistake]:
    found = []
    if asked.nominations < asked.named:
        numbers = {"nominations": asked.nominations, "named": asked.named}
        found.append(Mistake("nominations-below-named", asked.unit, numbers))
    if asked.nominations and not asked.contacts:
        found.append(Mistake("unit-without-contact", asked.unit))
    return found


def decide_assign(pool: Pool, institution_id: str, path: str, now: datetime) -> PoolAssigned | Mistake | None:
    """Name the institution that chooses; once it has chosen somebody, it stays. None: it is named already."""
    if pool.chosen:
        return Mistake("pool-chosen-from", None, {"chosen": pool.chosen})
    if (pool.institution_id, pool.institution_path) == (institution_id, path):
        return None
    return PoolAssigned(pool_id=pool.pool_id, institution_id=institution_id, institution_path=path, assigned_at=now)
