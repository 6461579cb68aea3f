"""Arithmetic of deadlines, anchors, bans and send times. Pure: ``now`` is always an argument, never read.

All civil days are days of ``calendar.timezone``; instants carry an offset (a naive datetime is refused).
"""

import calendar as months
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.policy.bans import BanRule
from shared.policy.common import Duration, Moment
from shared.policy.dates import Calendar, Deadline
from shared.policy.reminders import Offset, Reminders, SendWindow

Anchors = Mapping[str, date | datetime]
DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)


def zone(calendar: Calendar) -> ZoneInfo:
    """The civil time zone of a programme year."""
    return ZoneInfo(calendar.timezone)


def _local(instant: datetime, calendar: Calendar) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset has no civil day")
    return instant.astimezone(zone(calendar))


def local_day(instant: date | datetime, calendar: Calendar) -> date:
    """The civil day of an instant; a date is its own day."""
    return _local(instant, calendar).date() if isinstance(instant, datetime) else instant


def _at(day: date, clock: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, clock, zone(calendar))


def day_end(day: date, calendar: Calendar) -> datetime:
    """The last accepted second of a due date: 23:59:59 of it, or of the day before where the end is exclusive (D07)."""
    last = day if calendar.day_end == "inclusive" else day - DAY
    return _at(last + DAY, time.min, calendar) - SECOND


def _shift_months(day: date, count: int) -> date:
    """Same day of the month, or the month's last day where that one does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def shift(day: date, duration: Duration, sign: int = 1) -> date:
    """The day a duration later (or earlier, sign -1). Hours have no day and working days no calendar: ValueError."""
    if duration.hours is not None or duration.working_days is not None:
        raise ValueError("only days, weeks, months and years move a day")
    if duration.months is not None or duration.years is not None:
        return _shift_months(day, sign * ((duration.months or 0) + 12 * (duration.years or 0)))
    return day + sign * DAY * ((duration.calendar_days or 0) + 7 * (duration.weeks or 0))


def _moved(start: date | datetime, duration: Duration, sign: int, calendar: Calendar) -> date | datetime:
    """Hours move the instant (of a date: its first), everything else moves the civil day."""
    if duration.hours is None:
        return shift(local_day(start, calendar), duration, sign)
    instant = start if isinstance(start, datetime) else _at(start, time.min, calendar)
    return _local(instant, calendar) + sign * timedelta(hours=duration.hours)


def _place(moment: Moment, anchors: Anchors, calendar: Calendar) -> date | datetime | None:
    """The day or the instant that is meant; None while the anchor is not known."""
    if moment.date is not None:
        return moment.date
    anchor = anchors.get(moment.anchor or "")
    distance = moment.before or moment.after
    if anchor is None or distance is None:
        return anchor
    return _moved(anchor, distance, -1 if moment.before else 1, calendar)


def due_at(moment: Moment, anchors: Anchors, calendar: Calendar) -> datetime | None:
    """The last accepted second of a moment; None while its anchor is not known.

    A day without ``at`` accepts until 23:59:59 (D04, D05, D07, D10).
    """
    place = _place(moment, anchors, calendar)
    if place is None:
        return None
    if moment.at is not None:
        return _at(local_day(place, calendar), moment.at, calendar)
    return _local(place, calendar) if isinstance(place, datetime) else day_end(place, calendar)


def opens_at(moment: Moment, anchors: Anchors, calendar: Calendar) -> datetime | None:
    """The first instant of a moment; a day without ``at`` begins at 00:00."""
    place = _place(moment, anchors, calendar)
    if place is None:
        return None
    if isinstance(place, datetime) and moment.at is None:
        return _local(place, calendar)
    return _at(local_day(place, calendar), moment.at or time.min, calendar)


def accepts(now: datetime, due: datetime) -> bool:
    """True up to and including the whole second of ``due``."""
    return now < due.replace(microsecond=0) + SECOND


def is_open(deadline: Deadline, now: datetime, anchors: Anchors, calendar: Calendar) -> bool:
    """True from the opening until the due second; a deadline whose anchor is not known yet closes nothing."""
    opens = opens_at(deadline.opens, anchors, calendar) if deadline.opens else None
    due = due_at(deadline.due, anchors, calendar)
    return (opens is None or opens <= now) and (due is None or accepts(now, due))


def ban_days(start: date, rule: BanRule) -> tuple[date, date]:
    """The barred days of a ban that starts on a day, half-open (L08): to the same calendar day after the rule's length.

    Where that month has no such day, to its last one. The start day is blocked and not counted, unless the rule says
    otherwise: 2021-11-30 and three years end with 2024-11-30; 2024-02-29 ends with 2027-02-28.
    """
    last = shift(start, rule.length) - (DAY if rule.start_day.counted else timedelta())
    return (start if rule.start_day.blocked else start + DAY), last + DAY


def reply_until(notified_at: datetime, rule: BanRule, calendar: Calendar) -> datetime:
    """The last second of the reply window that a delivered notice opens (L09, L10)."""
    until = due_at(Moment(anchor="itself", after=rule.reply_window), {"itself": notified_at}, calendar)
    if until is None:
        raise ValueError("an anchored moment with its anchor has an instant")
    return until


def offset_at(anchor: date | datetime, offset: Offset, reminders: Reminders, calendar: Calendar) -> datetime:
    """When a reminder is due, before the send window is looked at: days at the default time, hours to the second."""
    distance = offset.before or offset.after
    place = _moved(anchor, distance, -1 if offset.before else 1, calendar) if distance else anchor
    return _local(place, calendar) if isinstance(place, datetime) else _at(place, reminders.default_at, calendar)


def into_window(instant: datetime, window: SendWindow, calendar: Calendar) -> datetime:
    """The instant itself, or the next one inside the window; both ends belong to it."""
    local = _local(instant, calendar)
    if local.time() < window.start:
        return _at(local.date(), window.start, calendar)
    if local.time() > window.until:
        return _at(local.date() + DAY, window.start, calendar)
    return local


def send_at(instant: datetime, latest: datetime | None, window: SendWindow, calendar: Calendar) -> datetime | None:
    """When it goes out: inside the window and not after the latest useful time; None is too late."""
    moved = into_window(instant, window, calendar)
    return moved if latest is None or accepts(moved, latest) else None
