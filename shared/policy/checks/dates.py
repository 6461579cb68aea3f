"""Deadlines and windows (P004 and P035 zone, P030, P031, P032, P033, warning P034)."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.policy.checks.walk import walk
from shared.policy.common import Duration, Moment
from shared.policy.errors import Finding
from shared.policy.model import Policy
from shared.policy.units import KnownUnits
from shared.texts import CIVIL


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """Everything about dates that the file alone can show."""
    yield from _zone(policy)
    yield from _windows(policy)
    yield from _overrides(policy)
    yield from _stand_in(policy)
    yield from _announced_too_late(policy)
    for path, value in walk(policy):
        if isinstance(value, Duration) and value.working_days is not None:
            yield Finding("P031", path, {"year": policy.year})


def _zone(policy: Policy) -> Iterator[Finding]:
    """A known zone, and the one in which texts print every instant (``shared.texts``); another's due times would read wrong."""
    zone = policy.calendar.timezone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Finding("P004", "calendar.timezone", {"value": zone, "allowed": CIVIL.key})
    else:
        if zone != CIVIL.key:
            yield Finding("P035", "calendar.timezone", {"value": zone})


def _days(duration: Duration | None) -> int | None:
    if duration is None:
        return 0
    if duration.weeks is not None:
        return duration.weeks * 7
    return duration.calendar_days


def later(first: Moment, second: Moment) -> bool | None:
    """True if the first is after the second; None where the file alone can't tell (other anchors, other units)."""
    if first.date and second.date:
        return _key(first.date.toordinal(), first) > _key(second.date.toordinal(), second)
    before, after = [_days(m.before) for m in (first, second)], [_days(m.after) for m in (first, second)]
    if first.anchor is None or first.anchor != second.anchor or None in [*before, *after]:
        return None
    distances = [(plus or 0) - (minus or 0) for plus, minus in zip(after, before, strict=True)]
    return _key(distances[0], first) > _key(distances[1], second)


def _key(day: int, moment: Moment) -> tuple[int, time]:
    return day, moment.at or time.min


def _windows(policy: Policy) -> Iterator[Finding]:
    for deadline in policy.deadlines:
        if deadline.opens and later(deadline.opens, deadline.due):
            yield Finding("P030", f"deadlines[{deadline.key}].opens", {"key": deadline.key})
    part = policy.participation
    for name, window in (("registration", part.registration), ("checkin", part.checkin)):
        if later(window.opens, window.closes):
            yield Finding("P030", f"participation.{name}.opens", {"key": name})


def _overrides(policy: Policy) -> Iterator[Finding]:
    for deadline in policy.deadlines:
        if deadline.late == "override" and deadline.extension is None:
            yield Finding("P032", f"deadlines[{deadline.key}].late", {"key": deadline.key})


def _stand_in(policy: Policy) -> Iterator[Finding]:
    day = policy.calendar.checks_before_class.date
    closing: list[date] = [d.due.date for d in policy.deadlines if d.act == "select" and d.due.date]
    if closing and day < max(closing):
        values = {"date": day.isoformat(), "due": max(closing).isoformat()}
        yield Finding("P033", "calendar.checks_before_class.date", values)


def _announced_too_late(policy: Policy) -> Iterator[Finding]:
    """The year reckons with a class start whose documents are due before the start itself has to be announced."""
    day = policy.calendar.checks_before_class.date
    announced = [d.due.date for d in policy.deadlines if d.act == "announce_class_start" and d.due.date]
    for deadline in policy.deadlines:
        ahead = _days(deadline.due.before) if deadline.due.anchor == "class_start" else None
        if deadline.act == "hand_in" and ahead and announced and day < max(announced) + timedelta(days=ahead):
            values = {"date": (max(announced) + timedelta(days=ahead)).isoformat(), "key": deadline.key}
            yield Finding("P034", "calendar.checks_before_class.date", values)
