"""What the integrity record keeps of each event, and which later events undo a dropout (L01, L05)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from shared.events import Event
from shared.events import enrolment as e
from shared.events.notify import MessageDelivered

Reading = Callable[[Any], "Fact"]
Touched = tuple[str, str]


class Fact(msgspec.Struct, frozen=True):
    """One line of a person's record. Its sign is the policy's business and is looked up when the record is read."""

    name: str
    person_id: str
    place_id: str
    class_id: str | None
    occurred_at: datetime


class Undo(msgspec.Struct, frozen=True):
    """Why a dropout no longer stands: a key of the ban rule's ``undo_on``, and the causes that it lifts."""

    key: str
    causes: tuple[str, ...]


def fact_of(event: Event | None) -> Fact | None:
    """The fact that an event of a place records, or None; that a person was told comes from the notices."""
    reading = _READINGS.get(type(event))
    return reading(event) if reading else None


def undo_of(event: Event | None) -> Undo | None:
    """What an event of a place undoes when it comes after the dropout in the place's stream."""
    if isinstance(event, e.TraineeDropoutWithdrawn):
        return Undo(event.why, (event.cause,))
    return _UNDOES.get(type(event))


def touches(event: Event | None) -> list[Touched]:
    """Which dropouts an event may bear on: those of a ``place``, a ``class``, a ``policy`` or an ``entry``, with its id."""
    match event:
        case e.ProgrammePublished():
            return [("policy", event.key)]
        case e.ClassEvent():
            return [("class", event.class_id)]
        case e.TraineeSelected():
            return [("place", event.substitute_for)] if event.substitute_for else []
        case (
            e.TraineeDropoutRecorded()
            | e.TraineeDropoutWithdrawn()
            | e.TraineeExpected()
            | e.TraineeExcused()
            | e.TraineeCheckedIn()
            | e.TraineeCompleted()
        ):
            return [("place", event.place_id)]
        case MessageDelivered() if event.person_id:
            return _told(event)
    return []


def _told(event: MessageDelivered) -> list[Touched]:
    where = [("place", event.place_id), ("entry", event.entry_id)]
    if not event.place_id:
        where.append(("class", event.class_id))
    return [(kind, key) for kind, key in where if key]


def _read(name: str, moment: str) -> Reading:
    return lambda x: Fact(name, x.person_id, x.place_id, getattr(x, "class_id", None), getattr(x, moment))


def _dropout(x: e.TraineeDropoutRecorded) -> Fact:
    return Fact(x.cause, x.person_id, x.place_id, x.class_id, x.occurred_at)


_READINGS: Final[Mapping[type, Reading]] = {
    e.TraineeSelected: _read("selected", "selected_at"),
    e.TraineeRegistered: _read("registered", "registered_at"),
    e.TraineeCheckedIn: _read("checked_in", "checked_in_at"),
    e.TraineeExcused: _read("excused", "excused_at"),
    e.TraineeCompleted: _read("completed", "completed_at"),
    e.TraineeDropoutRecorded: _dropout,
}
_UNDOES: Final[Mapping[type, Undo]] = {
    e.TraineeExcused: Undo("reason_accepted", ("no_show", "dismissed", "not_completed")),
    e.TraineeCheckedIn: Undo("attendance_corrected", ("no_show",)),
    e.TraineeCompleted: Undo("attendance_corrected", ("dismissed", "not_completed")),
}
