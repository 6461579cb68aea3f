"""A dropout that was recorded by mistake: what is true instead (L02, L03, L04). Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from services.enrolment.classes.domain import Class
from services.enrolment.places.domain import (
    Complete,
    Decision,
    Place,
    Refusal,
    Withdraw,
    apply,
    decide_complete,
    decide_withdraw,
)
from shared.events.enrolment import PlaceEvent, TraineeCheckedIn
from shared.policy import Policy
from shared.policy.moments import accepts, due_at

CORRECTED: Final = "correction"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """The place, the statement that says why, and whether the person also completed a class that is over."""

    place_id: str
    statement: str
    completed: bool


def corrected_until(klass: Class, policy: Policy) -> datetime | None:
    """The last second in which a record of the class is corrected; None where its anchor is not known."""
    anchors = {"class_start": klass.starts_on, "class_end": klass.ends_on}
    return due_at(policy.participation.checkin.correction_until, anchors, policy.calendar)


def too_late(klass: Class, policy: Policy, now: datetime) -> Refusal | None:
    """Corrections end with the policy's day; after that the province decides on the entry itself."""
    until = corrected_until(klass, policy)
    return (
        None if until is None or accepts(now, until) else Refusal(klass.class_id, "correction-closed", {"until": until})
    )


def decide_correction(ask: Ask, place: Place, klass: Class, now: datetime) -> Decision:
    """Withdraw the dropout. Who was a no-show was there; who did not complete did, and so may the others once the class is over."""
    places = {place.place_id: place}
    withdraw = Withdraw(place_id=place.place_id, why="attendance_corrected", evidence=[ask.statement])
    decision = decide_withdraw([withdraw], places, now)
    if decision.refusals:
        return decision
    events = [*decision.events, *_arrived(place, now)]
    if klass.status != "ended" or not (ask.completed or place.dropout_cause == "not_completed"):
        return Decision(events, [])
    done = decide_complete([Complete(place_id=place.place_id)], {place.place_id: _after(place, events)}, now)
    return Decision([*events, *done.events], done.refusals)


def _arrived(place: Place, now: datetime) -> list[PlaceEvent]:
    if place.checked_in_at is not None or place.class_id is None:
        return []
    return [TraineeCheckedIn(place_id=place.place_id, person_id=place.person_id, class_id=place.class_id,
                             checked_in_at=now, method=CORRECTED)]  # fmt: skip


def _after(place: Place, events: Sequence[PlaceEvent]) -> Place:
    for event in events:
        place = apply(place, event)
    return place
