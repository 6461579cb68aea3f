"""Places in the database. State is written only by applying events, and every event goes to the outbox."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from services.enrolment.places.domain import Place, apply
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.enrolment import PlaceEvent
from shared.outbox import Entry, append

Q = load_queries(__file__)
OF_PLACE: Final = ("place_id", "person_id", "unit_id", "unit_path", "selected_at", "met_every_condition", "overridden", "version")  # fmt: skip
OF_COHORT: Final = ("programme_id", "policy_key", "project", "cohort", "cohort_kind", "plan_level", "forms")
COURSE: Final = ("version", "registered_at", "class_id", "institution_id", "institution_path", "checked_in_at",
                 "checkin_method", "excused_at", "excuse_reason", "expected_at", "dropout_at", "dropout_cause",
                 "completed_at", "revoked_at", "revoked_by")  # fmt: skip


async def lock_places(con: Connection, place_ids: Iterable[str]) -> dict[str, Place]:
    """The places that exist, locked in the order of their ids until the transaction ends."""
    return _by_id(await con.fetch(Q.lock_places, sorted(set(place_ids))))


async def lock_places_of_class(con: Connection, class_id: str) -> dict[str, Place]:
    """Every place of a class, revoked ones too, locked in the order of their ids."""
    return _by_id(await con.fetch(Q.lock_places_of_class, class_id))


async def lock_places_of_persons(con: Connection, person_ids: Iterable[str]) -> dict[str, Place]:
    """Every place of the persons; lock the persons first (people.store.lock_people)."""
    return _by_id(await con.fetch(Q.lock_places_of_persons, sorted(set(person_ids))))


async def save(
    con: Connection, context: Context, places: Mapping[str, Place], events: Sequence[PlaceEvent]
) -> dict[str, Place]:
    """Apply the events to the locked places, write rows and outbox; gives the places as they are now.

    A place missing from ``places`` is inserted, so its first event must be ``TraineeSelected``.
    """
    current, entries = dict(places), []
    for event in events:
        state = apply(current.get(event.place_id), event)
        current[event.place_id] = state
        entries.append(Entry(state.version, event))
    touched = sorted({e.place_id for e in events})
    await _insert(con, [current[i] for i in touched if i not in places])
    await _update(con, [(places[i].version, current[i]) for i in touched if i in places])
    await append(con, context, entries)
    return current


async def _insert(con: Connection, new: Sequence[Place]) -> None:
    def cohort(place: Place) -> tuple[Any, ...]:
        return tuple(getattr(place, name) for name in OF_COHORT)

    for shared, group in groupby(sorted(new, key=cohort), key=cohort):
        places = list(group)
        columns = {name: [getattr(p, name) for p in places] for name in OF_PLACE}
        columns["overridden"] = [",".join(p.overridden) for p in places]
        await con.execute(Q.insert_places, *columns.values(), *shared)


async def _update(con: Connection, changed: Sequence[tuple[int, Place]]) -> None:
    if not changed:
        return
    places = [p for _, p in changed]
    columns = [[getattr(p, name) for p in places] for name in COURSE]
    done = await con.execute(Q.update_places, [p.place_id for p in places], [v for v, _ in changed], *columns)
    if done != f"UPDATE {len(places)}":
        raise RuntimeError(f"places changed under their lock: {done}, expected {len(places)}")


def _by_id(rows: Sequence[Any]) -> dict[str, Place]:
    return {r["place_id"]: msgspec.convert(dict(r), Place) for r in rows}
