"""Entries of a policy by key. Pure; an unknown key raises ``UnknownKeyError``."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from shared.policy.bans import BanCause
from shared.policy.catalogue import Cohort, Form, Group, Project
from shared.policy.dates import Deadline
from shared.policy.documents import Document
from shared.policy.model import Policy
from shared.policy.moments import Anchors, due_at
from shared.policy.money import Rate
from shared.policy.participation import AcceptedReason
from shared.policy.reminders import Ladder, ReminderPlan
from shared.policy.structures import Structure
from shared.policy.tables import Formula, Ranking
from shared.policy.units import Office


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


class UnknownKeyError(KeyError):
    """The policy has no entry of this key."""


def _pick(items: Iterable[K], key: str) -> K:
    for item in items:
        if item.key == key:
            return item
    raise UnknownKeyError(key)


def project(policy: Policy, key: str) -> Project:
    return _pick(policy.projects, key)


def project_of(policy: Policy, cohort_key: str) -> Project:
    """The project of a cohort; cohort keys are unique in the file."""
    for entry in policy.projects:
        if any(member.key == cohort_key for member in entry.cohorts):
            return entry
    raise UnknownKeyError(cohort_key)


def cohort(policy: Policy, key: str) -> Cohort:
    return _pick(project_of(policy, key).cohorts, key)


def group_of(policy: Policy, project_key: str) -> Group:
    return _pick(policy.groups, project(policy, project_key).group)


def plan_level_of(policy: Policy, project_key: str) -> str:
    """The plan level of a project: that of its group (P07)."""
    return group_of(policy, project_key).plan_level


def form(policy: Policy, key: str) -> Form:
    return _pick(policy.forms, key)


def forms_of(policy: Policy, cohort_key: str) -> tuple[Form, ...]:
    """The forms of a cohort's phases, each once, in the order of the phases."""
    keys = dict.fromkeys(phase.form for phase in cohort(policy, cohort_key).phases)
    return tuple(form(policy, key) for key in keys)


def checkin_forms(policy: Policy, cohort_key: str) -> tuple[str, ...]:
    """The forms that people check in to; empty where a cohort has none (D19)."""
    return tuple(entry.key for entry in forms_of(policy, cohort_key) if entry.checkin)


def in_person_days(policy: Policy, cohort_key: str) -> int:
    """The days of all phases with check-in: the length of a class that delivers them in one go (K21)."""
    with_checkin = checkin_forms(policy, cohort_key)
    return sum(phase.amount.days or 0 for phase in cohort(policy, cohort_key).phases if phase.form in with_checkin)


def structure(policy: Policy, key: str) -> Structure:
    return _pick(policy.structures, key)


def rate(policy: Policy, key: str) -> Rate:
    return _pick(policy.money.rates if policy.money else (), key)


def deadline(policy: Policy, key: str) -> Deadline:
    return _pick(policy.deadlines, key)


def deadline_due(policy: Policy, key: str, anchors: Anchors) -> datetime | None:
    """The last accepted second of a deadline; None while its anchor is not known."""
    return due_at(deadline(policy, key).due, anchors, policy.calendar)


def deadlines_for(policy: Policy, act: str, project: str | None = None, level: str | None = None) -> list[Deadline]:
    """Deadlines of an act that hold for a project and a level; None asks for all."""
    return [
        entry
        for entry in policy.deadlines
        if entry.act == act
        and (project is None or not entry.projects or project in entry.projects)
        and (level is None or not entry.levels or level in entry.levels)
    ]


def document(policy: Policy, key: str) -> Document:
    return _pick(policy.documents, key)


def office(policy: Policy, key: str) -> Office:
    return _pick(policy.offices, key)


def reason(policy: Policy, key: str) -> AcceptedReason:
    return _pick(policy.participation.accepted_reasons, key)


def ladder(policy: Policy, key: str) -> Ladder:
    return _pick(policy.reminders.ladders, key)


def plan(policy: Policy, key: str) -> ReminderPlan:
    return _pick(policy.reminders.plans, key)


def formula(policy: Policy, key: str) -> Formula:
    return _pick(policy.formulas, key)


def ranking(policy: Policy, key: str) -> Ranking:
    return _pick(policy.rankings, key)


def cause(policy: Policy, key: str) -> BanCause:
    """A cause of the year's ban rule; a year without a rule has none."""
    return _pick(policy.ban.causes if policy.ban else (), key)
