"""Cases and entries in PostgreSQL; whole rows travel as JSON and become structs in one step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from services.blacklist.entries.domain.case import Case, Entry
from services.blacklist.entries.domain.deciding import Confirmation
from services.blacklist.entries.domain.overriding import Ask
from shared.db import Connection, load_queries
from shared.events import EVENTS
from shared.events.blacklist import BanEvent
from shared.runtime import Runtime
from shared.telemetry.metrics import Measure, columns

Q = load_queries(__file__)


async def touched(con: Connection, keys: Mapping[str, Sequence[str]]) -> list[str]:
    """Ids of the entries, made or still to be made, that the given ids bear on; ``keys`` is by kind of id."""
    rows = await con.fetch(Q.touched, *[keys.get(kind, []) for kind in ("place", "class", "entry", "policy")])
    return sorted({r["entry_id"] for r in rows})


async def cases(con: Connection, entry_ids: Sequence[str]) -> list[Case]:
    """All that is known about these, their entries locked."""
    await con.execute(Q.lock_entries, entry_ids)
    return [msgspec.convert(dict(r), Case) for r in await con.fetch(Q.cases, entry_ids)]


async def save(con: Connection, entries: Sequence[Entry]) -> None:
    """Write entries; a stored one with a higher version stays (learning keeps the version)."""
    if entries:
        await con.execute(Q.save_entries, [msgspec.to_builtins(e) for e in entries])


async def entry(con: Connection, entry_id: str, *, lock: bool = False) -> Entry | None:
    """One entry, locked for a decision if asked."""
    row = await con.fetchrow(Q.entry_for_update if lock else Q.entry, entry_id)
    return msgspec.convert(row["entry"], Entry) if row else None


async def entries(con: Connection, entry_ids: Sequence[str]) -> dict[str, Entry]:
    """The entries that exist, by id."""
    found = [msgspec.convert(r["entry"], Entry) for r in await con.fetch(Q.entries, entry_ids)]
    return {e.entry_id: e for e in found}


async def add_echoes(con: Connection, echoes: Sequence[tuple[int, BanEvent]]) -> None:
    """Keep own events whose entry is not known (any more) until it is."""
    rows = [(e.entry_id, v, e.type, msgspec.to_builtins(e)) for v, e in echoes]
    await con.execute(Q.add_echoes, *[list(c) for c in zip(*rows, strict=True)])


async def take_echoes(con: Connection) -> list[tuple[int, BanEvent]]:
    """Own events whose entry is known by now, in the order of its stream; they are gone afterwards."""
    return [(r["version"], msgspec.convert(r["event"], EVENTS[r["type"]])) for r in await con.fetch(Q.take_echoes)]  # type: ignore[misc]  # no others are kept


async def given(con: Connection, entry_id: str) -> list[Confirmation]:
    """The confirmations so far."""
    return [Confirmation(**dict(r)) for r in await con.fetch(Q.given, entry_id)]


async def add_decision(con: Connection, entry_id: str, kind: str, own: Confirmation) -> None:
    """Keep a person's confirmation or quashing, with the words."""
    await con.execute(Q.add_decision, entry_id, kind, own.principal, own.reason, own.confirmed_at)


async def add_reply(con: Connection, entry_id: str, words: str, at: datetime) -> None:
    """Keep the person's words."""
    await con.execute(Q.add_reply, entry_id, words, at)


async def add_appeal(con: Connection, entry_id: str, words: str, at: datetime) -> None:
    """Keep the words of the appeal."""
    await con.execute(Q.add_appeal, entry_id, words, at)


async def add_exception(con: Connection, entry_id: str, ask: Ask, who: str, at: datetime) -> None:
    """Keep why a year is excepted."""
    await con.execute(Q.add_exception, entry_id, ask.policy_key, ask.words, list(ask.evidence), who, at)


async def exceptions(con: Connection, entry_id: str) -> list[dict[str, Any]]:
    """The excepted years of an entry, with the words."""
    return [dict(r) for r in await con.fetch(Q.exceptions, entry_id)]


async def programmes(con: Connection) -> list[dict[str, Any]]:
    """The published years, by key."""
    return [dict(r) for r in await con.fetch(Q.programmes)]


async def anchors(con: Connection, class_id: str) -> Mapping[str, datetime | None]:
    """When check-in closed and on which day the class ends (a date), as far as known."""
    row = await con.fetchrow(Q.anchors, class_id)
    return dict(row) if row else {}


async def standing(con: Connection, person_id: str) -> list[Entry]:
    """The confirmed entries of a person."""
    return [msgspec.convert(r["entry"], Entry) for r in await con.fetch(Q.standing, person_id)]


async def page(
    con: Connection, states: Sequence[str] | None, person_id: str | None, first: int, size: int
) -> list[dict[str, Any]]:
    """Entries in the reader's scope, those to decide first, each with its unit's and class's names."""
    return [_row(r) for r in await con.fetch(Q.list, states, person_id, size, first)]


async def count(con: Connection, states: Sequence[str] | None, person_id: str | None) -> int:
    """How many entries are in the reader's scope."""
    number: int = await con.fetchval(Q.count, states, person_id)
    return number


async def count_ready(con: Connection, now: datetime, principal: str) -> int:
    """How many entries in scope wait for this person's decision."""
    number: int = await con.fetchval(Q.count_ready, now, principal)
    return number


async def details(con: Connection, entry_id: str) -> dict[str, Any] | None:
    """One entry with class, unit, programme and the person's words, or None out of scope."""
    row = await con.fetchrow(Q.details, entry_id)
    return _row(row) if row else None


async def decisions(con: Connection, entry_id: str) -> list[dict[str, Any]]:
    """Who decided what, with the words."""
    return [dict(r) for r in await con.fetch(Q.decisions, entry_id)]


async def told(con: Connection, of: Entry) -> list[dict[str, Any]]:
    """The messages that reached the person about this place and this entry."""
    return [dict(r) for r in await con.fetch(Q.told, of.place_id, of.entry_id, of.person_id)]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "entry": msgspec.convert(row["entry"], Entry)}


def measures(runtime: Runtime) -> Measure:
    """Gauges: ban entries that are proposed, and those confirmed."""
    return partial(columns, runtime.db, Q.figures)
