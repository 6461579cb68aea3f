"""Which places fall when a ban is confirmed, and which come back when it is quashed (L10, L12)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

import msgspec

from services.enrolment.places.domain import Bar, Period, Place, Refusal, Restore, Revoke, blocking
from services.enrolment.places.domain.bans import barred

Cell = tuple[str, str, str]
"""Programme, cohort and unit."""


def places_to_revoke(bars: Iterable[Bar], places: Iterable[Place], starts: Mapping[str, date]) -> list[Revoke]:
    """Commands for the places that one of the bars covers.

    ``starts`` gives for each place the day that its class starts, or the day that stands for it; a place that is
    missing there is not judged. Places that are over stay.
    """
    by_person: dict[str, list[Bar]] = {}
    for entry in bars:
        by_person.setdefault(entry.person_id, []).append(entry)
    commands = []
    for place in sorted(places, key=lambda p: p.place_id):
        bar = _covering(by_person.get(place.person_id, ()), place, starts)
        if bar and not place.over:
            commands.append(Revoke(place_id=place.place_id, entry_id=bar.entry_id))
    return commands


def _covering(bars: Iterable[Bar], place: Place, starts: Mapping[str, date]) -> Bar | None:
    on = starts.get(place.place_id)
    return blocking(bars, place.plan_level, place.forms, on, place.policy_key) if on else None


class Course(msgspec.Struct, frozen=True):
    """The class of a place: when it is, and whether people may still join it."""

    days: Period
    joinable: bool


class Room(msgspec.Struct, frozen=True):
    """What stands around places that may come back, all of it locked.

    ``left`` places of each cell, ``held``: persons with a place in force in a programme's cohort, ``away``: days of
    the classes that persons have places in, ``courses`` by class id, ``starts`` as for revoking.
    """

    left: Mapping[Cell, int]
    held: Collection[tuple[str, str, str]]
    away: Mapping[str, Collection[Period]]
    courses: Mapping[str, Course]
    starts: Mapping[str, date]


def places_to_restore(
    entry_id: str, places: Iterable[Place], bars: Iterable[Bar], room: Room
) -> tuple[list[Restore], list[Refusal]]:
    """Commands for the places that fell to an entry and can come back; for each of the others, why it can't.

    Quota stays the limit whatever happened: a place that somebody else was given meanwhile is not given twice.
    """
    left, bars = dict(room.left), list(bars)
    back: list[Restore] = []
    refused: list[Refusal] = []
    for place in sorted((p for p in places if p.revoked_by == entry_id), key=lambda p: p.place_id):
        cell = (place.programme_id, place.cohort, place.unit_id)
        against = _against(place, bars, room) or _no_room(place, left.get(cell, 0))
        if against:
            refused.append(against)
            continue
        left[cell] -= 1
        back.append(Restore(place_id=place.place_id, entry_id=entry_id))
    return back, refused


def _no_room(place: Place, left: int) -> Refusal | None:
    return None if left > 0 else Refusal(place.place_id, "quota-used-up")


def _against(place: Place, bars: Iterable[Bar], room: Room) -> Refusal | None:
    if (place.person_id, place.programme_id, place.cohort) in room.held:
        return Refusal(place.place_id, "already-selected")
    course = room.courses.get(place.class_id or "")
    if course and not course.joinable:
        return Refusal(place.place_id, "checkin-closed")
    if course and any(course.days.meets(p) for p in room.away.get(place.person_id, ())):
        return Refusal(place.place_id, "dates-overlap")
    on = room.starts[place.place_id]
    bar = blocking(
        (b for b in bars if b.person_id == place.person_id), place.plan_level, place.forms, on, place.policy_key
    )
    return barred(place.place_id, bar, on) if bar else None
