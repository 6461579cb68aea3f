"""Enrolment's effect on blacklist's decisions: remember what is barred, revoke the places that it covers, give them back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import structlog

from services.enrolment.people.store import lock_people
from services.enrolment.places.domain import Period, Place, decide_restore, decide_revoke
from services.enrolment.places.store import away_of_persons, class_starts, lock_places_of_persons, save
from services.enrolment.pools.store import lock_pool
from services.enrolment.programmes.service import policy_of
from services.enrolment.quota.store import lock_cells
from services.enrolment.standing import store
from services.enrolment.standing.domain import Cell, Room, places_to_restore, places_to_revoke
from shared.context import Context
from shared.db import Connection
from shared.envelope import Received
from shared.events.blacklist import BanConfirmed, BanLifted, BanOverridden, BanQuashed

log = structlog.get_logger()
Places = Mapping[str, Place]


async def apply_standing(con: Connection, received: Sequence[Received], source: str) -> None:
    """The consumer's effect. Cells, then people are locked, as in selection: whoever comes second sees the other's work."""
    ranged = [(r, r.event) for r in received if isinstance(r.event, (BanConfirmed, BanLifted))]
    quashed = [(r, r.event) for r in received if isinstance(r.event, BanQuashed)]
    void = [e.entry_id for _, e in quashed]
    await _left(con, await store.fallen_to(con, void))  # for the locks: before those of people
    persons = sorted({e.person_id for _, e in (*ranged, *quashed)})
    await lock_people(con, persons)
    last = {e.entry_id: e for _, e in ranged if e.entry_id not in void}
    await store.replace_ranges(con, list(last.values()))
    await store.remove_ranges(con, void)
    await store.add_overrides(con, [r.event for r in received if isinstance(r.event, BanOverridden)])
    await store.remove_overrides(con, void)
    places: Places = await lock_places_of_persons(con, persons)
    for r, event in ranged:
        places = await _revoke(con, Context.from_received(r, source), event.entry_id, places)
    for r, undone in quashed:
        places = await _restore(con, Context.from_received(r, source), undone, places)


async def _revoke(con: Connection, context: Context, entry_id: str, places: Places) -> Places:
    own = [b for b in await store.bars_of(con, {p.person_id for p in places.values()}) if b.entry_id == entry_id]
    commands = places_to_revoke(own, places.values(), await _starts(con, places.values()))
    return await save(con, context, places, decide_revoke(commands, places, context.now).events)


async def _restore(con: Connection, context: Context, event: BanQuashed, places: Places) -> Places:
    """What is left is counted again for each, as the one before may have taken the last place."""
    left = await _left(con, await store.fallen_to(con, [event.entry_id]))
    own = {i: p for i, p in places.items() if p.person_id == event.person_id}
    bars = await store.bars_of(con, [event.person_id])
    commands, refused = places_to_restore(event.entry_id, own.values(), bars, await _room(con, own.values(), left))
    for refusal in refused:
        log.warning("place-not-restored", place_id=refusal.key, entry_id=event.entry_id, reason=refusal.code)
    return await save(con, context, places, decide_restore(commands, places, context.now).events)


async def _left(con: Connection, fallen: Collection[Cell]) -> dict[Cell, int]:
    """How many places are free in each cell, or in the pot, that may get one back; it is locked."""
    left: dict[Cell, int] = {}
    for programme_id, cohort in sorted({(p, c) for p, c, _ in fallen}):
        units = {u for p, c, u in fallen if (p, c) == (programme_id, cohort)}
        cells = await lock_cells(con, programme_id, cohort, units)
        left |= {(programme_id, cohort, u): cell.places - cell.bound for u, cell in cells.items()}
        if pool := await lock_pool(con, programme_id, cohort):
            left |= {(programme_id, cohort, u): pool.places - pool.chosen for u in units}
    return left


async def _room(con: Connection, places: Collection[Place], left: Mapping[Cell, int]) -> Room:
    persons = {p.person_id for p in places}
    away: dict[str, list[Period]] = {}
    for entry in await away_of_persons(con, persons):
        away.setdefault(entry.person_id, []).append(entry.period)
    courses = await store.courses(con, {p.class_id for p in places if p.class_id})
    return Room(
        left=left,
        held={(p.person_id, p.programme_id, p.cohort) for p in places if p.revoked_at is None},
        away=away,
        courses=courses,
        starts={p.place_id: await _start(con, p, {k: c.days.starts_on for k, c in courses.items()}) for p in places},
    )


async def _starts(con: Connection, places: Iterable[Place]) -> Mapping[str, date]:
    """The day by which each place is judged; places of a policy that does not revoke are left out."""
    open_places = [p for p in places if not p.over]
    known = await class_starts(con, {p.class_id for p in open_places if p.class_id})
    found: dict[str, date] = {}
    for place in open_places:
        policy = (await policy_of(con, place.programme_id)).policy
        if policy.ban is None or policy.ban.existing_places.action == "revoke":
            found[place.place_id] = await _start(con, place, known)
    return found


async def _start(con: Connection, place: Place, known: Mapping[str, date]) -> date:
    policy = (await policy_of(con, place.programme_id)).policy
    return known.get(place.class_id or "", policy.calendar.checks_before_class.date)
