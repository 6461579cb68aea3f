"""One row per place, folded from the place's own events; the row's version is its own cursor."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

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


def apply(row: PlaceRow, event: Event | None, version: int) -> PlaceRow:
    """The row after one more event of its stream; a version that it already knows changes nothing.

    An event of a type that is not known here moves the version and nothing else.
    """
    if version <= row.version:
        return row
    update = UPDATES.get(type(event), _nothing)
    return msgspec.structs.replace(row, version=version, **update(event))


def _nothing(_: Any) -> Mapping[str, Any]:
    return {}


def _selected(event: e.TraineeSelected) -> Mapping[str, Any]:
    taken = ("policy_key", "project", "cohort", "cohort_kind", "unit_id", "unit_path", "substitute_for",
             "met_every_condition", "selected_at")  # fmt: skip
    return {name: getattr(event, name) for name in taken}


def _assigned(event: e.TraineeAssigned) -> Mapping[str, Any]:
    return {name: getattr(event, name) for name in ("class_id", "institution_id", "institution_path")}


def _moment(name: str) -> Update:
    return lambda event: {name: getattr(event, name)}


UPDATES: Final[Mapping[type, Update]] = {
    e.TraineeSelected: _selected,
    e.TraineeRegistered: _moment("registered_at"),
    e.TraineeAssigned: _assigned,
    e.TraineeExcused: _moment("excused_at"),
    e.TraineeExpected: lambda event: {"expected_at": event.closed_at},
    e.TraineeCheckedIn: _moment("checked_in_at"),
    e.TraineeDropoutRecorded: lambda event: {"dropout": event.cause},
    e.TraineeCompleted: _moment("completed_at"),
    e.TraineeRevoked: _moment("revoked_at"),
}
