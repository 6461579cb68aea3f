"""State of a class and how events change it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, Literal

import msgspec

from shared.events import Names
from shared.events.enrolment import (
    ClassCancelled,
    ClassCheckinClosed,
    ClassEnded,
    ClassEvent,
    ClassOpened,
    ClassRescheduled,
    ClassScheduled,
)

Status = Literal["scheduled", "open", "checkin_closed", "ended", "cancelled"]


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """A class. ``version`` is that of its last event, ``date_version`` that of the announced dates."""

    class_id: str
    version: int
    status: Status
    programme_id: str
    policy_key: str
    project: str
    cohort: str
    plan_level: str
    forms: list[str]
    institution_id: str
    institution_path: str
    name_zh: str
    name_en: str
    period: int
    theme: str
    address: str
    starts_on: date
    ends_on: date
    checkin_opens_at: datetime
    checkin_closes_at: datetime
    date_version: int
    previous_starts_on: date | None = None
    change_cause: str | None = None
    opened_at: datetime | None = None
    rescheduled_at: datetime | None = None
    closed_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def names(self) -> Names:
        """The display name in both languages."""
        return Names(zh=self.name_zh, en=self.name_en)

    @property
    def announced(self) -> bool:
        """Whether dates may still change: nothing has been closed, ended or called off."""
        return self.status in {"scheduled", "open"}


class Announced(msgspec.Struct, frozen=True):
    """One announced version of a class's dates."""

    date_version: int
    starts_on: date
    ends_on: date
    address: str
    cause: str | None
    announced_at: datetime


def apply(klass: Class | None, event: ClassEvent) -> Class:
    """The state after one event; only ``ClassScheduled`` starts from None."""
    if isinstance(event, ClassScheduled):
        return _scheduled(event)
    if klass is None:
        raise ValueError(f"{event.type} on a class that was never scheduled")
    return msgspec.structs.replace(klass, version=klass.version + 1, **_CHANGES[type(event)](event))


def _scheduled(e: ClassScheduled) -> Class:
    shared = {name: getattr(e, name) for name in e.__struct_fields__ if name != "name"}
    return Class(version=1, status="scheduled", name_zh=e.name.zh, name_en=e.name.en, **shared)


def _rescheduled(e: ClassRescheduled) -> dict[str, Any]:
    kept = ("starts_on", "ends_on", "address", "checkin_opens_at", "checkin_closes_at", "date_version",
            "previous_starts_on", "rescheduled_at")  # fmt: skip
    return {name: getattr(e, name) for name in kept} | {"change_cause": e.cause}


_CHANGES: Final[dict[type[ClassEvent], Callable[[Any], dict[str, Any]]]] = {
    ClassOpened: lambda e: {"status": "open", "opened_at": e.opened_at},
    ClassRescheduled: _rescheduled,
    ClassCancelled: lambda e: {
        "status": "cancelled",
        "cancelled_at": e.cancelled_at,
        "change_cause": e.cause,
        "date_version": e.date_version,
    },
    ClassCheckinClosed: lambda e: {"status": "checkin_closed", "closed_at": e.closed_at},
    ClassEnded: lambda e: {"status": "ended", "ended_at": e.ended_at},
}
