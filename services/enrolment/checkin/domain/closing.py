"""Closing check-in and deciding completion: every place of the list ends in exactly one way (definitions, the counts)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeVar

import msgspec

from services.enrolment.places.domain import (
    Complete,
    Decision,
    DropOut,
    Excuse,
    Expect,
    Place,
    Refusal,
    Withdraw,
    apply,
    decide_complete,
    decide_drop_out,
    decide_excuse,
    decide_expect,
    decide_withdraw,
)
from shared.events.enrolment import PlaceEvent
from shared.policy import Policy

Outcome = Literal["checked_in", "excused", "no_show"]
Places = Mapping[str, Place]


class Attendance(Protocol):
    """What a place and a line of a list have in common."""

    @property
    def checked_in_at(self) -> datetime | None: ...
    @property
    def excused_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...


Attending = TypeVar("Attending", bound=Attendance)


class Counts(msgspec.Struct, frozen=True):
    """The list of a class at one moment; ``expected`` is the sum of the other three."""

    expected: int
    checked_in: int
    excused: int
    absent: int


def on_list(places: Iterable[Attending]) -> list[Attending]:
    """The places that are expected, or will be: a place that fell to a ban is not."""
    return [p for p in places if p.revoked_at is None]


def outcome(place: Attendance) -> Outcome:
    """How a place stands at closing: there, absent for an accepted reason, or absent."""
    if place.checked_in_at is not None:
        return "checked_in"
    return "no_show" if place.excused_at is None else "excused"


def count(places: Iterable[Attendance]) -> Counts:
    """Count a list; persons with an accepted reason stay in ``expected``."""
    outcomes = [outcome(p) for p in on_list(places)]
    return Counts(len(outcomes), outcomes.count("checked_in"), outcomes.count("excused"), outcomes.count("no_show"))


def decide_closing(class_id: str, places: Places, now: datetime) -> Decision:
    """Every place of the list is expected; who neither came nor is excused is a no-show (L02)."""
    listed = on_list(places.values())
    expected = decide_expect([Expect(place_id=p.place_id, class_id=class_id) for p in listed], places, now)
    absent = [DropOut(place_id=p.place_id, cause="no_show") for p in listed if outcome(p) == "no_show"]
    dropped = decide_drop_out(absent, _after(places, expected.events), now)
    return Decision([*expected.events, *dropped.events], [*expected.refusals, *dropped.refusals])


def undecided(places: Iterable[Place], decided: Iterable[str] = ()) -> list[Place]:
    """Who checked in, is neither completed nor dropped out, and has no decision among ``decided`` place ids."""
    known = set(decided)
    return [p for p in on_list(places) if p.checked_in_at is not None and not p.over and p.place_id not in known]


def decide_completion(places: Places, completed: Sequence[str], failed: Mapping[str, str], now: datetime) -> Decision:
    """Completions, and failures to complete with the id of their closing record (L04); ``failed`` is place -> record.

    Somebody whose absence was accepted and who came all the same is not blamed for failing (L05): no dropout.
    """
    done = decide_complete([Complete(place_id=i) for i in completed], places, now)
    excused = {i for i, p in places.items() if p.excused_at is not None}
    blamed = {i: record for i, record in failed.items() if i not in excused}
    dropouts = [DropOut(place_id=i, cause="not_completed", evidence=[record]) for i, record in blamed.items()]
    dropped = decide_drop_out(dropouts, _after(places, done.events), now)
    return Decision([*done.events, *dropped.events], [*done.refusals, *dropped.refusals])


def not_absent(place: Place) -> Refusal | None:
    """Only an absence can be excused, or a dropout."""
    if place.checked_in_at is None or place.dropout_cause is not None:
        return None
    return Refusal(place.place_id, "already-checked-in", {"at": place.checked_in_at})


def decide_acceptance(command: Excuse, place: Place, policy: Policy, now: datetime) -> Decision:
    """Accept an absence; the dropout that was recorded for it is withdrawn first (L05)."""
    places = {place.place_id: place}
    recorded = [Withdraw(place_id=place.place_id, why="reason_accepted")] if place.dropout_cause else []
    withdrawn = decide_withdraw(recorded, places, now)
    excused = decide_excuse([command], _after(places, withdrawn.events), policy, now)
    return Decision([*withdrawn.events, *excused.events], [*withdrawn.refusals, *excused.refusals])


def _after(places: Places, events: Iterable[PlaceEvent]) -> dict[str, Place]:
    current = dict(places)
    for event in events:
        current[event.place_id] = apply(current[event.place_id], event)
    return current
