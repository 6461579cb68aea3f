"""Scheduling and opening: an institution fixes time and place, names its staff, and opens the class (D17, D20)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from services.enrolment.classes.domain.dates import Dates, mistakes
from services.enrolment.classes.domain.state import Class
from services.enrolment.places.domain import Refusal
from shared.events import Names
from shared.events.enrolment import ClassOpened, ClassScheduled
from shared.policy import Policy
from shared.policy.common import Text
from shared.policy.conduct import StaffRole
from shared.policy.lookup import cohort, forms_of, plan_level_of, project_of


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A class to be. ``themes`` must be exactly as many as the policy says: one (C01)."""

    class_id: str
    programme_id: str
    cohort: str
    institution_id: str
    institution_path: str
    name: Names
    period: int
    themes: list[str]
    address: str
    dates: Dates
    extension: str | None = None


def schedule_mistakes(command: Schedule, policy: Policy, now: datetime) -> list[Refusal]:
    """What keeps the class from being scheduled; empty when nothing does."""
    key, themes = command.class_id, [t for t in command.themes if t.strip()]
    found = mistakes(key, command.dates, policy, command.cohort, now, command.extension)
    if not cohort(policy, command.cohort).phases:
        found.append(Refusal(key, "phases-unstated", {"cohort": command.cohort}))
    if len(themes) != policy.classes.themes.count or len(themes) != len(command.themes):
        found.append(Refusal(key, "one-theme", {"given": len(themes), "wanted": policy.classes.themes.count}))
    return found


def decide_schedule(command: Schedule, policy: Policy, now: datetime) -> ClassScheduled | Refusal:
    """Schedule a class: one theme (C01), forms of the cohort's phases, dates inside the policy's bounds."""
    refusals = schedule_mistakes(command, policy, now)
    return refusals[0] if refusals else _scheduled(command, policy)


def _scheduled(c: Schedule, policy: Policy) -> ClassScheduled:
    project = project_of(policy, c.cohort).key
    return ClassScheduled(
        class_id=c.class_id,
        programme_id=c.programme_id,
        policy_key=policy.key,
        project=project,
        cohort=c.cohort,
        plan_level=plan_level_of(policy, project),
        forms=list(dict.fromkeys(form.key for form in forms_of(policy, c.cohort))),
        institution_id=c.institution_id,
        institution_path=c.institution_path,
        name=c.name,
        period=c.period,
        theme=c.themes[0].strip(),
        address=c.address,
        starts_on=c.dates.starts_on,
        ends_on=c.dates.ends_on,
        checkin_opens_at=c.dates.checkin_opens_at,
        checkin_closes_at=c.dates.checkin_closes_at,
        date_version=1,
    )


def missing_staff(policy: Policy, named: Mapping[str, int]) -> list[StaffRole]:
    """The roles that a class still lacks before it may open; ``named`` counts persons by role (A08, A09)."""
    return [role for role in policy.classes.staff if named.get(role.role, 0) < (role.count.min or 0)]


def staff_mistakes(klass: Class, policy: Policy, roles: Sequence[str]) -> list[Refusal]:
    """Roles that the policy does not know, or more persons in one than it takes."""
    if klass.status in {"ended", "cancelled"}:
        return [Refusal(klass.class_id, "class-is-closed", {"status": [klass.status]})]
    known = {role.role: role.count.max for role in policy.classes.staff}
    unknown = [role for role in dict.fromkeys(roles) if role not in known]
    many = [role for role, most in known.items() if most is not None and roles.count(role) > most]
    return [
        *[Refusal(klass.class_id, "role-unknown", {"roles": [role]}) for role in unknown],
        *[
            Refusal(klass.class_id, "too-many-staff", {"roles": _called(policy, [role]), "most": known[role]})
            for role in many
        ],
    ]


def _called(policy: Policy, roles: Iterable[str]) -> list[Text]:
    return [policy.terms.called("staff_roles", role) for role in roles]


def decide_open(klass: Class, policy: Policy, named: Mapping[str, int], now: datetime) -> ClassOpened | Refusal:
    """Open a scheduled class; refused without its staff and after its check-in window."""
    if klass.status != "scheduled":
        return Refusal(klass.class_id, "class-not-scheduled", {"status": [klass.status]})
    if missing := missing_staff(policy, named):
        return Refusal(klass.class_id, "staff-missing", {"roles": _called(policy, [role.role for role in missing])})
    if now > klass.checkin_closes_at:
        return Refusal(klass.class_id, "class-is-past", {"closes_at": klass.checkin_closes_at})
    return ClassOpened(
        class_id=klass.class_id,
        opened_at=now,
        starts_on=klass.starts_on,
        ends_on=klass.ends_on,
        address=klass.address,
        date_version=klass.date_version,
    )
