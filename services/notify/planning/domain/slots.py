"""When: the occurrences of one plan for one recipient, with what becomes of those that were past before they were known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from services.notify.planning.domain.case import Anchor
from services.notify.planning.domain.rows import State
from shared.policy import Policy
from shared.policy.common import Duration
from shared.policy.moments import Anchors, due_at, into_window, offset_at, zone
from shared.policy.reminders import Escalation, Offset, ReminderPlan

UNITS = {"calendar_days": "d", "working_days": "w", "hours": "h", "weeks": "W", "months": "m", "years": "y"}


class Slot(Struct, frozen=True):
    """One occurrence. ``into`` is the occurrence that it is merged into."""

    occurrence: str
    at: datetime
    state: State = "planned"
    reason: str | None = None
    into: str | None = None
    late: bool = False


def slots(plan: ReminderPlan, offsets: Sequence[Offset], anchor: Anchor, since: datetime, policy: Policy) -> list[Slot]:
    """The occurrences in the order of time, for a recipient whom the anchor concerns since ``since`` (D13, D14).

    What was due before that is not sent late one by one: the policy says drop, or one reminder now for all of them.
    """
    if anchor.variant is not None or any(o.at_once for o in offsets):
        return [Slot(anchor.variant or "at_once", max(since, _instant(anchor, policy)))]
    dated = sorted((offset_at(anchor.at, o, policy.reminders, policy.calendar), label(o)) for o in offsets)
    past = [Slot(name, at) for at, name in dated if at < since]
    ahead = [Slot(name, at) for at, name in dated if at >= since]
    if not past:
        return ahead
    if plan.if_late == "drop":
        return [Slot(p.occurrence, p.at, "too_late", "dropped") for p in past] + ahead
    return _one_now(past, ahead, since, policy) + ahead


def _one_now(past: Sequence[Slot], ahead: Sequence[Slot], since: datetime, policy: Policy) -> list[Slot]:
    """Past ones become one reminder now, or none if the next one goes out within the time in which messages are merged."""
    now = into_window(since, policy.reminders.send_window, policy.calendar)
    if ahead and ahead[0].at <= now + window(policy):
        return [_merged(p, ahead[0]) for p in past]
    return [*[_merged(p, past[-1]) for p in past[:-1]], Slot(past[-1].occurrence, since, late=True)]


def _merged(slot: Slot, into: Slot) -> Slot:
    return Slot(slot.occurrence, slot.at, "merged", "past_when_known", into.occurrence)


def _instant(anchor: Anchor, policy: Policy) -> datetime:
    if isinstance(anchor.at, datetime):
        return anchor.at
    return offset_at(anchor.at, Offset(before=Duration(calendar_days=0)), policy.reminders, policy.calendar)


def window(policy: Policy) -> timedelta:
    """How close two messages to the same recipient must be to become one."""
    within = policy.reminders.groups.merge_same_recipient_within
    return timedelta(hours=within.hours or 0, days=within.calendar_days or 0)


def gathered(at: datetime, policy: Policy) -> datetime:
    """The next end of a merging interval of the civil day: what falls into one interval goes out together."""
    length = window(policy)
    local = at.astimezone(zone(policy.calendar))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + ((local - start) // length + 1) * length if length else at


def latest(plan: ReminderPlan, anchor: Anchor, moments: Anchors, policy: Policy) -> datetime | None:
    """Until when it is useful; None while the moment that ends it is not known."""
    return due_at(plan.latest_useful, {**moments, "itself": anchor.at}, policy.calendar)


def later(at: datetime, after: Duration | None, policy: Policy) -> datetime:
    """A later step of a ladder."""
    return at if after is None else offset_at(at, Offset(after=after), policy.reminders, policy.calendar)


def label(offset: Offset | Escalation) -> str:
    """A name for an offset: ``before-7d``, ``after-1d``."""
    way, distance = ("before", offset.before) if offset.before else ("after", offset.after)
    unit = next(u for u in UNITS if getattr(distance, u) is not None)
    return f"{way}-{getattr(distance, unit)}{UNITS[unit]}"
