"""Enrolment's effect on blacklist's decisions: remember what is barred, revoke the places that it covers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.enrolment.people.store import lock_people
from services.enrolment.places.domain import Place, decide_revoke
from services.enrolment.places.store import class_starts, lock_places_of_persons, save
from services.enrolment.programmes.service import policy_of
from services.enrolment.standing import store
from services.enrolment.standing.domain import places_to_revoke
from shared.context import Context
from shared.db import Connection
from shared.envelope import Received
from shared.events.blacklist import BanConfirmed, BanQuashed


async def apply_standing(con: Connection, received: Sequence[Received], source: str) -> None:
    """The consumer's effect. People are locked first, as in selection: whoever comes second sees the other's work."""
    confirmed = [(r, r.event) for r in received if isinstance(r.event, BanConfirmed)]
    quashed = [r.event.entry_id for r in received if isinstance(r.event, BanQuashed)]
    await lock_people(con, [e.person_id for _, e in confirmed])
    await store.replace_ranges(con, [e for _, e in confirmed if e.entry_id not in quashed])
    await store.remove_ranges(con, quashed)
    places = await lock_places_of_persons(con, [e.person_id for _, e in confirmed])
    bars = await store.bars_of(con, [e.person_id for _, e in confirmed])
    starts = await _starts(con, places.values())
    for r, event in confirmed:
        own = [b for b in bars if b.entry_id == event.entry_id]
        decision = decide_revoke(places_to_revoke(own, places.values(), starts), places, r.now)
        places = await save(con, Context.from_received(r, source), places, decision.events)


async def _starts(con: Connection, places: Iterable[Place]) -> Mapping[str, date]:
    """The day by which each place is judged; places of a policy that does not revoke are left out."""
    open_places = [p for p in places if not p.over]
    known = await class_starts(con, {p.class_id for p in open_places if p.class_id})
    found: dict[str, date] = {}
    for place in open_places:
        policy = (await policy_of(con, place.programme_id)).policy
        if policy.ban is None or policy.ban.existing_places.action == "revoke":
            found[place.place_id] = known.get(place.class_id or "", policy.calendar.checks_before_class.date)
    return found
