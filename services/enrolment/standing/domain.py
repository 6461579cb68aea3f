"""Which places fall when a ban is confirmed (DESIGN: the ban always wins, whatever came first)."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.enrolment.places.domain import Bar, Place, Revoke, blocking


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
    return blocking(bars, place.plan_level, place.forms, on) if on else None
