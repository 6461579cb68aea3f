"""Who gets a place (Q03, Q05, Q08, L12): decided for a whole list at once, never beyond the quota of any cell."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.enrolment.places.domain.bans import Bar, barred, blocking, excepted
from services.enrolment.places.domain.eligibility import Facts, Finding, findings
from services.enrolment.places.domain.place import Decision, Refusal
from shared.events.base import Names
from shared.events.enrolment import TraineeSelected
from shared.policy.eligibility import Condition


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """The quota of one unit in the cohort, locked; ``selected`` counts the places in force."""

    cell_id: str
    unit_id: str
    unit: Names
    places: int
    selected: int


class Period(msgspec.Struct, frozen=True):
    """Days on which a person is away in a class, both included."""

    starts_on: date
    ends_on: date

    def meets(self, other: "Period") -> bool:
        """Whether the two have a day in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A person, locked, with all that the decision needs; ``place_id`` is the id of the place to be made."""

    place_id: str
    person_id: str
    unit_id: str
    unit_path: str
    facts: Facts
    held: str | None = None
    bars: list[Bar] = []
    away: list[Period] = []


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy says of the cohort; ``days`` stands for the class while it has no dates."""

    programme_id: str
    policy_key: str
    project: str
    cohort: str
    cohort_kind: str
    plan_level: str
    forms: list[str]
    conditions: Sequence[Condition]
    days: Period


BAN: Final = "ban"  # among the overridden conditions; its reason is blacklist's
Overrides = Mapping[str, str]
"""Person id -> the recorded reason for passing conditions that hold "in principle"."""


def decide_selection(
    candidates: Sequence[Candidate], cells: Mapping[str, Cell], rules: Rules, overrides: Overrides, now: datetime
) -> Decision:
    """Select in the order given, priority conditions first; every refusal of a person is told, quota's only if it is the last."""
    left = {unit_id: cell.places - cell.selected for unit_id, cell in cells.items()}
    taken: set[str] = set()
    decision = Decision([], [])
    for candidate in _by_priority(candidates, rules):
        unmet = _unmet(candidate, rules)
        against = _held(candidate, taken) or _against(candidate, rules, _binding(candidate, unmet, overrides))
        against = against or _no_place(candidate, cells, left)
        if against:
            decision.refusals.extend(against)
            continue
        left[candidate.unit_id] -= 1
        taken.add(candidate.person_id)
        decision.events.append(_selected(candidate, rules, unmet, now))
    return decision


def _by_priority(candidates: Sequence[Candidate], rules: Rules) -> Sequence[Candidate]:
    wishes = [c for c in rules.conditions if c.force == "priority"]
    if not wishes:
        return candidates
    return sorted(candidates, key=lambda c: len(findings(wishes, c.facts, rules.days.starts_on)))


def _held(candidate: Candidate, taken: set[str]) -> list[Refusal]:
    key = candidate.person_id
    return [Refusal(key, "already-selected", {"place_id": candidate.held})] if candidate.held or key in taken else []


def _binding(candidate: Candidate, unmet: Sequence[Finding], overrides: Overrides) -> list[Finding]:
    return [f for f in unmet if f.force == "strict" or candidate.person_id not in overrides]


def _against(candidate: Candidate, rules: Rules, unmet: Sequence[Finding]) -> list[Refusal]:
    key, start = candidate.person_id, rules.days.starts_on
    refusals = [Refusal(key, f.code, f.vars) for f in unmet]
    bar = blocking(candidate.bars, rules.plan_level, rules.forms, start, rules.policy_key) if candidate.bars else None
    if bar:
        refusals.append(barred(key, bar, start))
    overlap = next((p for p in candidate.away if p.meets(rules.days)), None)
    if overlap:
        refusals.append(Refusal(key, "dates-overlap", _days(overlap)))
    return refusals


def _unmet(candidate: Candidate, rules: Rules) -> list[Finding]:
    return [f for f in findings(rules.conditions, candidate.facts, rules.days.starts_on) if f.force != "priority"]


def _days(period: Period) -> dict[str, Any]:
    return {"starts_on": period.starts_on, "ends_on": period.ends_on}


def _no_place(candidate: Candidate, cells: Mapping[str, Cell], left: Mapping[str, int]) -> list[Refusal]:
    cell = cells.get(candidate.unit_id)
    if cell is None:
        return [Refusal(candidate.person_id, "no-quota")]
    if left[candidate.unit_id] > 0:
        return []
    return [Refusal(candidate.person_id, "quota-used-up", {"places": cell.places, "unit": cell.unit})]


def _selected(candidate: Candidate, rules: Rules, unmet: Sequence[Finding], now: datetime) -> TraineeSelected:
    overridden = [f.name for f in unmet]
    day = rules.days.starts_on
    if candidate.bars and excepted(candidate.bars, rules.plan_level, rules.forms, day, rules.policy_key):
        overridden.append(BAN)
    return TraineeSelected(
        place_id=candidate.place_id,
        person_id=candidate.person_id,
        programme_id=rules.programme_id,
        policy_key=rules.policy_key,
        project=rules.project,
        cohort=rules.cohort,
        cohort_kind=rules.cohort_kind,
        plan_level=rules.plan_level,
        forms=rules.forms,
        unit_id=candidate.unit_id,
        unit_path=candidate.unit_path,
        selected_at=now,
        met_every_condition=not overridden,
        overridden=overridden,
    )
