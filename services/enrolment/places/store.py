"""Places in the database. State is written only by applying events, and every event goes to the outbox.

Long lists go to PostgreSQL as one JSON document or one joined text: the driver looks at each element of an array twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from services.enrolment.places.domain import Period, Place, apply, status_of
from services.enrolment.places.domain.selection import BAN
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.enrolment import PlaceEvent, TraineeSelected
from shared.outbox import Entry, append

Q = load_queries(__file__)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of places is limited to; None does not limit."""

    policy_key: str | None = None
    cohort: str | None = None
    path: str | None = None
    class_id: str | None = None
    person_id: str | None = None
    place_id: str | None = None


class Peeked(msgspec.Struct, frozen=True, kw_only=True):
    """Whose place it is."""

    place_id: str
    person_id: str
    unit_path: str
    version: int


class Away(msgspec.Struct, frozen=True):
    """Days of a class in which the person has a place."""

    person_id: str
    class_id: str
    period: Period


async def lock_places(con: Connection, place_ids: Iterable[str]) -> dict[str, Place]:
    """The places that exist, locked in the order of their ids until the transaction ends."""
    return _by_id(await con.fetch(Q.lock_places, sorted(set(place_ids))))


async def lock_places_of_class(con: Connection, class_id: str) -> dict[str, Place]:
    """Every place of a class, revoked ones too, locked in the order of their ids."""
    return _by_id(await con.fetch(Q.lock_places_of_class, class_id))


async def lock_places_of_persons(con: Connection, person_ids: Iterable[str]) -> dict[str, Place]:
    """Every place of the persons; lock the persons first (people.store.lock_people)."""
    return _by_id(await con.fetch(Q.lock_places_of_persons, sorted(set(person_ids))))


async def peek(con: Connection, place_ids: Iterable[str]) -> dict[str, Peeked]:
    """The places that exist, not locked: to know whom to lock and whose business it is."""
    rows = await con.fetch(Q.peek, list(place_ids))
    return {r["place_id"]: msgspec.convert(dict(r), Peeked) for r in rows}


async def held_in_cohort(con: Connection, programme_id: str, cohort: str, person_ids: Sequence[str]) -> dict[str, str]:
    """``person id -> place id`` of the places in force."""
    rows = await con.fetch(Q.held_in_cohort, programme_id, cohort, ",".join(person_ids))
    return {r["person_id"]: r["place_id"] for r in rows}


async def away_of_persons(con: Connection, person_ids: Iterable[str]) -> list[Away]:
    """The classes that the people have places in, with their days."""
    rows = await con.fetch(Q.away_of_persons, ",".join(person_ids))
    return [Away(r["person_id"], r["class_id"], Period(r["starts_on"], r["ends_on"])) for r in rows]


async def class_starts(con: Connection, class_ids: Iterable[str]) -> dict[str, date]:
    """``class id -> first day``; cancelled classes are absent."""
    return {r["class_id"]: r["starts_on"] for r in await con.fetch(Q.class_starts, list(class_ids))}


async def add_overrides(
    con: Connection, context: Context, selected: Sequence[TraineeSelected], reasons: Mapping[str, str]
) -> None:
    """Keep why conditions were passed, one row per place and condition."""
    rows = [
        (e.place_id, condition, e.person_id, e.unit_path, reasons[e.person_id])
        for e in selected
        for condition in dict.fromkeys(e.overridden)
        if condition != BAN
    ]
    if rows:
        columns = [list(c) for c in zip(*rows, strict=True)]
        await con.execute(Q.add_overrides, *columns, context.actor, context.now)


async def listed(con: Connection, wanted: Wanted, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
    """One page of the places that the connection may see, and how many there are."""
    wishes = msgspec.structs.astuple(wanted)
    rows = await con.fetch(Q.listed, *wishes, size, (page - 1) * size)
    return (rows[0]["total"] if rows else 0), [_listed(r) for r in rows]


def _listed(row: Any) -> dict[str, Any]:
    values = dict(row)
    values.pop("total")
    values["unit"] = {"zh": values.pop("name_zh"), "en": values.pop("name_en")}
    return {**values, "status": status_of(values)}


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
    if new:
        await con.execute(Q.insert_places, new)


async def _update(con: Connection, changed: Sequence[tuple[int, Place]]) -> None:
    if not changed:
        return
    before = [{"place_id": p.place_id, "version": v} for v, p in changed]
    done = await con.execute(Q.update_places, [p for _, p in changed], before)
    if done != f"UPDATE {len(changed)}":
        raise RuntimeError(f"places changed under their lock: {done}, expected {len(changed)}")


def _by_id(rows: Sequence[Any]) -> dict[str, Place]:
    return {r["place_id"]: msgspec.convert(dict(r), Place) for r in rows}
