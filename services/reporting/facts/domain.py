"""One row per place and one per class, each folded from its own stream; the row's version is its own cursor."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec

from shared.events import Event
from shared.events import enrolment as e

Update = Callable[[Any], Mapping[str, Any]]


class PlaceRow(msgspec.Struct, frozen=True):
    """What tables need of a place: where it belongs and when each step happened. It holds no person, not even an id."""

    place_id: str
    version: int = 0
    policy_key: str = ""
    project: str = ""
    cohort: str = ""
    cohort_kind: str = ""
    unit_id: str = ""
    unit_path: str = ""
    substitute_for: str | None = None
    met_every_condition: bool = False
    class_id: str | None = None
    institution_id: str | None = None
    institution_path: str | None = None
    selected_at: datetime | None = None
    registered_at: datetime | None = None
    excused_at: datetime | None = None
    expected_at: datetime | None = None
    checked_in_at: datetime | None = None
    completed_at: datetime | None = None
    dropout: str | None = None
    revoked_at: datetime | None = None


class ClassRow(msgspec.Struct, frozen=True):
    """What tables need of a class: whose it is, when it is, whether it took place."""

    class_id: str
    version: int = 0
    policy_key: str = ""
    project: str = ""
    cohort: str = ""
    institution_id: str = ""
    institution_path: str = ""
    name_zh: str = ""
    name_en: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    opened_at: datetime | None = None
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    ended_at: datetime | None = None


Row = TypeVar("Row", PlaceRow, ClassRow)


def apply(row: Row, event: Event | None, version: int) -> Row:
    """The row after one more event of its stream; a version that it already knows changes nothing.

    An event of a type that is not known here moves the version and nothing else.
    """
    if version <= row.version:
        return row
    update = UPDATES.get(type(event), _nothing)
    return msgspec.structs.replace(row, version=version, **update(event))


def _nothing(_: Any) -> Mapping[str, Any]:
    return {}


def _take(*names: str) -> Update:
    return lambda event: {name: getattr(event, name) for name in names}


def _scheduled(event: e.ClassScheduled) -> Mapping[str, Any]:
    return {**_CLASS(event), "name_zh": event.name.zh, "name_en": event.name.en}


_CLASS: Final = _take("policy_key", "project", "cohort", "institution_id", "institution_path", "starts_on", "ends_on")

UPDATES: Final[Mapping[type, Update]] = {
    e.TraineeSelected: _take("policy_key", "project", "cohort", "cohort_kind", "unit_id", "unit_path", "substitute_for",
                             "met_every_condition", "selected_at"),
    e.TraineeRegistered: _take("registered_at"),
    e.TraineeAssigned: _take("class_id", "institution_id", "institution_path"),
    e.TraineeExcused: _take("excused_at"),
    e.TraineeExpected: lambda event: {"expected_at": event.closed_at},
    e.TraineeCheckedIn: _take("checked_in_at"),
    e.TraineeDropoutRecorded: lambda event: {"dropout": event.cause},
    e.TraineeDropoutWithdrawn: lambda _: {"dropout": None},
    e.TraineeCompleted: _take("completed_at"),
    e.TraineeRevoked: _take("revoked_at"),
    e.TraineeReplaced: lambda event: {"revoked_at": event.replaced_at},
    e.TraineeRestored: lambda _: {"revoked_at": None},
    e.ClassScheduled: _scheduled,
    e.ClassOpened: _take("opened_at", "starts_on", "ends_on"),
    e.ClassRescheduled: _take("starts_on", "ends_on"),
    e.ClassCancelled: _take("cancelled_at"),
    e.ClassCheckinClosed: _take("closed_at"),
    e.ClassEnded: _take("ended_at"),
}  # fmt: skip
