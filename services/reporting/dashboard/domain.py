"""How far a year is within somebody's scope, and what is late there today (M03, M01, M02, D12)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from services.reporting.league.domain.counting import Counts
from services.reporting.league.domain.publishing import published
from services.reporting.league.domain.punctuality import Course, Owed
from services.reporting.league.domain.ranking import leaves_excused, measure
from shared.policy import Policy
from shared.policy.lookup import deadline_due
from shared.policy.tables import Formula

STATES: Final = ("scheduled", "opened", "closed", "ended", "cancelled")


class Held(msgspec.Struct, frozen=True):
    """A class as far as it is."""

    class_id: str
    institution_id: str
    project: str
    zh: str
    en: str
    starts_on: date | None
    ends_on: date | None
    opened_at: datetime | None
    cancelled_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    own: bool

    @property
    def state(self) -> str:
        """``scheduled``, ``opened``, ``closed`` (check-in is over), ``ended`` or ``cancelled``."""
        if self.cancelled_at:
            return "cancelled"
        steps = (("ended", self.ended_at), ("closed", self.closed_at), ("opened", self.opened_at))
        return next((state for state, at in steps if at), "scheduled")

    def course(self) -> Course | None:
        """The class as documents see it; None when it was cancelled or has no dates."""
        if self.cancelled_at or self.starts_on is None or self.ends_on is None:
            return None
        return Course(self.class_id, self.project, self.starts_on, self.ends_on)


class Debt(msgspec.Struct, frozen=True):
    """A document that has not come and whose day is here or over. ``days`` counts from the due day: 0 is today."""

    institution_id: str
    document: str
    class_id: str | None
    due_at: datetime
    missing: int
    days: int


class Today(msgspec.Struct, frozen=True):
    """A deadline of the year that ends today."""

    key: str
    act: str
    due_at: datetime


def states(classes: Sequence[Held]) -> dict[str, int]:
    """How many classes are in each state; every state is named."""
    counted = Counter(c.state for c in classes)
    return {state: counted[state] for state in STATES}


def rates(policy: Policy, counts: Mapping[bool, Counts]) -> list[tuple[Formula, dict[str, Any]]]:
    """Each fraction of the year's formulas over the counts in scope; ``counts`` is by whether excused places are left out.

    Documents are told one by one and a score has no place in somebody's scope, so both are left out.
    """
    shown = [f for f in policy.formulas if f.numerator and not f.numerator.startswith("documents")]
    rules = policy.table_rules
    return [(f, published(measure(f, counts[leaves_excused(f)]), rules)) for f in shown]


def gaps(late: Sequence[Debt]) -> list[tuple[str, list[Debt]]]:
    """Debts by document, the document that is late the longest first."""
    found: dict[str, list[Debt]] = {}
    for debt in late:
        found.setdefault(debt.document, []).append(debt)
    return list(found.items())


def debts(owed: Mapping[str, Sequence[Owed]], policy: Policy, now: datetime) -> list[Debt]:
    """What is late or due today, the oldest first; ``owed`` is by institution."""
    zone = ZoneInfo(policy.calendar.timezone)
    today = now.astimezone(zone).date()
    found = [
        Debt(unit, o.document, o.class_id, o.due_at, o.missing, (today - o.due_at.astimezone(zone).date()).days)
        for unit, many in owed.items()
        for o in many
        if o.missing and o.due_at is not None
    ]
    return sorted(
        (d for d in found if d.days >= 0), key=lambda d: (d.due_at, d.institution_id, d.document, d.class_id or "")
    )


def ending(policy: Policy, now: datetime) -> list[Today]:
    """Deadlines with a day of their own that end today; those that follow a class stand with its documents."""
    zone = ZoneInfo(policy.calendar.timezone)
    today = now.astimezone(zone).date()
    dated = [(d, deadline_due(policy, d.key, {})) for d in policy.deadlines if d.due.date is not None]
    return [Today(d.key, d.act, at) for d, at in dated if at is not None and at.astimezone(zone).date() == today]
