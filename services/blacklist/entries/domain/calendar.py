"""How long a ban lasts, and what it bars. Intervals are half-open days in the programme's civil time."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.events.blacklist import BanRange
from shared.policy.bans import BanRule
from shared.policy.common import Duration
from shared.policy.moments import ban_days, shift

DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)


def ranges(rule: BanRule, anchors: Mapping[str, date | None], confirmed_on: date) -> list[BanRange]:
    """What a confirmed entry bars, under the rule version that the entry stores (L06, L07, L11).

    A start before the confirmation blocks only from the confirmation on; the end is counted from the start. Errors:
    KeyError, when the rule starts at an anchor that is not known.
    """
    start = {**anchors, "confirmed": confirmed_on}[rule.start.anchor]
    if start is None:
        raise KeyError(rule.start.anchor)
    first, ends_before = ban_days(start, rule)
    forms = [] if rule.scope.forms == "all" else list(rule.scope.forms)
    levels = list(rule.scope.plan_levels)
    return [BanRange(levels, forms, max(first, confirmed_on), ends_before, rule.force)]


def bars(given: Iterable[BanRange], level: str, forms: Collection[str], on: date) -> BanRange | None:
    """The range that bars a class of this plan level and these forms starting on a day, the one that ends last (L12).

    A range without forms bars every form; a class is in scope when any of its forms is.
    """
    found = [r for r in given if _covers(r, level, forms) and r.starts_on <= on < r.ends_before]
    return max(found, key=lambda r: r.ends_before, default=None)


def _covers(given: BanRange, level: str, forms: Collection[str]) -> bool:
    return level in given.plan_levels and (not given.forms or not set(given.forms).isdisjoint(forms))


def last_second(since: datetime, window: Duration, timezone: str) -> datetime:
    """The last second of a window: the end of its last day (L10). A window in hours ends to the second."""
    zone = ZoneInfo(timezone)
    if window.hours is not None:
        return since.astimezone(zone) + timedelta(hours=window.hours)
    return datetime.combine(shift(since.astimezone(zone).date(), window), LAST_SECOND, zone)


def day(instant: datetime, timezone: str) -> date:
    """The civil day of an instant."""
    return instant.astimezone(ZoneInfo(timezone)).date()
