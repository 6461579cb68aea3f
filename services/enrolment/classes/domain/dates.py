"""Dates and check-in windows of a class, held against its policy. A day is a civil day of the policy's calendar."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from services.enrolment.places.domain import Refusal
from shared.policy import Policy
from shared.policy.lookup import checkin_forms, cohort, deadline, deadline_due
from shared.policy.moments import due_at, local_day, opens_at


class Dates(msgspec.Struct, frozen=True, kw_only=True):
    """When a class takes place; the window is inclusive at both ends, ``ends_on`` is the last day."""

    starts_on: date
    ends_on: date
    checkin_opens_at: datetime
    checkin_closes_at: datetime


def window(policy: Policy, starts_on: date) -> tuple[datetime, datetime]:
    """The widest check-in window that the policy allows for a class starting on a day; both ends inclusive."""
    bounds, anchors = policy.participation.checkin, {"class_start": starts_on}
    opens = opens_at(bounds.opens, anchors, policy.calendar)
    closes = due_at(bounds.closes, anchors, policy.calendar)
    if opens is None or closes is None:
        raise ValueError(f"{policy.version}: the check-in window does not hang on the class start")
    return opens, closes


def resolve(
    policy: Policy, starts_on: date, ends_on: date, opens: datetime | None = None, closes: datetime | None = None
) -> Dates:
    """The dates with the policy's own window where none is asked for."""
    widest = window(policy, starts_on)
    return Dates(
        starts_on=starts_on, ends_on=ends_on, checkin_opens_at=opens or widest[0], checkin_closes_at=closes or widest[1]
    )


def moved(dates: Dates, starts_on: date, ends_on: date | None = None) -> Dates:
    """The same span and the same check-in hours, from another first day."""
    by = starts_on - dates.starts_on
    return Dates(
        starts_on=starts_on,
        ends_on=ends_on or dates.ends_on + by,
        checkin_opens_at=dates.checkin_opens_at + by,
        checkin_closes_at=dates.checkin_closes_at + by,
    )


def mistakes(
    key: str, dates: Dates, policy: Policy, cohort_key: str, now: datetime, extension: str | None
) -> list[Refusal]:
    """Everything that keeps a class from taking place on these dates; ``extension`` is the reason to end late (D09)."""
    found = [*_days(dates, policy, cohort_key, now), *_window(dates, policy), *_end(dates, policy, extension)]
    return [Refusal(key, code, details) for code, details in found]


Found = tuple[str, dict[str, object]]


def _days(dates: Dates, policy: Policy, cohort_key: str, now: datetime) -> Iterator[Found]:
    today = local_day(now, policy.calendar)
    if dates.starts_on < today:
        yield "class-before-today", {"starts_on": dates.starts_on, "today": today}
    needed, span = _needed_days(policy, cohort_key), (dates.ends_on - dates.starts_on + timedelta(days=1)).days
    if span < needed:
        yield "class-too-short", {"days": span, "needed": needed}


def _needed_days(policy: Policy, cohort_key: str) -> int:
    """Days that one class must hold: those of one phase with check-in; a total spread over years is not one class's."""
    forms = checkin_forms(policy, cohort_key)
    phases = [p for p in cohort(policy, cohort_key).phases if p.form in forms and len(p.years) == 1]
    return min((p.amount.days or 1 for p in phases), default=1)


def _window(dates: Dates, policy: Policy) -> Iterator[Found]:
    opens, closes = window(policy, dates.starts_on)
    if not opens <= dates.checkin_opens_at < dates.checkin_closes_at <= closes:
        yield "checkin-window-out-of-bounds", {"earliest": opens, "latest": closes}


def _end(dates: Dates, policy: Policy, extension: str | None) -> Iterator[Found]:
    key = policy.classes.end_by
    due = deadline_due(policy, key, {}) if key else None
    if key is None or due is None or dates.ends_on <= local_day(due, policy.calendar):
        return
    late = deadline(policy, key).late
    if late == "refuse" or (late == "override" and not (extension or "").strip()):
        yield "class-ends-late", {"ends_on": dates.ends_on, "end_by": due}
