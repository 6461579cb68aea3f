"""Entries follow the facts; persons decide. The words of a reply or a decision are kept here and sent nowhere."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from services.blacklist.entries import store
from services.blacklist.entries.domain import appealing, deciding, overriding
from services.blacklist.entries.domain.calendar import bars, day
from services.blacklist.entries.domain.case import Case, Entry
from services.blacklist.entries.domain.deciding import Confirmation
from services.blacklist.entries.domain.overriding import Ask
from services.blacklist.entries.domain.settling import evolve, learn, open_entry, settle
from services.blacklist.record.domain import Touched
from services.blacklist.record.service import keep
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.envelope import Received
from shared.events.blacklist import BanEvent, BanProposed
from shared.outbox import Entry as Outgoing
from shared.outbox import append, append_each
from shared.problems import Problem


async def follow(con: Connection, received: Sequence[Received], source: str) -> None:
    """The effect of a batch: keep what it tells, then bring every case that it bears on up to date."""
    touched = await keep(con, received)
    await _recall(con, received)
    ids = await store.touched(con, _by_kind(touched))
    if not ids:
        return
    outgoing: list[tuple[Context, Outgoing]] = []
    changed: list[Entry] = []
    for case in await store.cases(con, ids):
        context = Context.from_received(_trigger(case, touched), source)
        entry, events = advance(case, settle(case, context.now))
        changed += [entry] if entry and events else []
        outgoing += [(_under(context, entry), e) for e in events if entry]
    await store.save(con, changed)
    await append_each(con, outgoing)
    await _apply_echoes(con)


def advance(case: Case, events: Sequence[BanEvent]) -> tuple[Entry | None, list[Outgoing]]:
    """The entry after the events, and the events with their numbers in its stream."""
    entry, outgoing = case.entry, []
    for event in events:
        if isinstance(event, BanProposed):
            entry = open_entry(case, event)
        elif entry is not None:
            entry = evolve(entry, event, entry.version + 1)
        if entry is not None:
            outgoing.append(Outgoing(entry.version, event))
    return entry, outgoing


def _under(context: Context, entry: Entry | None) -> Context:
    return context.with_policy(entry.rule.policy) if entry else context


def _by_kind(touched: Mapping[Touched, Received]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, key in touched:
        kinds[kind].append(key)
    return kinds


def _trigger(case: Case, touched: Mapping[Touched, Received]) -> Received:
    """The event of the batch that made the case move: the latest by business time among those that bear on it."""
    d = case.dropout
    own = {("place", d.place_id), ("class", d.class_id), ("policy", d.policy_key), ("entry", case.entry_id)}
    return max((r for key, r in touched.items() if key in own), key=lambda r: (r.now, r.envelope.id))


async def _recall(con: Connection, received: Sequence[Received]) -> None:
    """Learn from own events what this database does not know any more: it was put back to an older copy."""
    own = [(r.version, r.event) for r in received if isinstance(r.event, BanEvent)]
    if not own:
        return
    known = await store.entries(con, sorted({e.entry_id for _, e in own}))
    unknown = [(v, e) for v, e in own if e.entry_id not in known or learn(known[e.entry_id], e, v) != known[e.entry_id]]
    if unknown:
        await store.add_echoes(con, unknown)
        await _apply_echoes(con)


async def _apply_echoes(con: Connection) -> None:
    echoes = await store.take_echoes(con)
    if not echoes:
        return
    known = await store.entries(con, sorted({e.entry_id for _, e in echoes}))
    for version, event in echoes:
        known[event.entry_id] = learn(known[event.entry_id], event, version)
    await store.save(con, list(known.values()))


async def reply(con: Connection, context: Context, who: Principal, entry_id: str, words: str) -> dict[str, Any]:
    """The person's own reply. Errors: Problem out-of-scope (404); Refused."""
    entry = await _locked(con, entry_id)
    if not who.is_person(entry.person_id):
        raise Problem(404, "out-of-scope")
    events = deciding.reply(entry, words, context.now)
    await store.add_reply(con, entry_id, words, context.now)
    return await _record(con, context, entry, events)


async def confirm(con: Connection, context: Context, who: Principal, entry_id: str, words: str) -> dict[str, Any]:
    """One person's confirmation. Errors: Problem out-of-scope (404); Refused."""
    entry = await _locked(con, entry_id)
    who.require(entry.unit_path, "province")
    given = await store.given(con, entry_id)
    own = Confirmation(who.subject, words, context.now)
    anchors = await anchors_of(con, entry)
    events = deciding.confirm(entry, given, own, anchors)
    await store.add_decision(con, entry_id, "confirm", own)
    answer = await _record(con, context, entry, events)
    needed = entry.rule.ban.confirmation.persons
    return {**answer, "confirmations": len(given) + 1, "needed": needed}


async def quash(con: Connection, context: Context, who: Principal, entry_id: str, words: str) -> dict[str, Any]:
    """Void an entry by decision. Errors: Problem out-of-scope (404); Refused."""
    entry = await _locked(con, entry_id)
    who.require(entry.unit_path, "province")
    events = deciding.quash(entry, words, context.now)
    await store.add_decision(con, entry_id, "quash", Confirmation(who.subject, words, context.now))
    return await _record(con, context, entry, events)


async def appeal(con: Connection, context: Context, who: Principal, entry_id: str, words: str) -> dict[str, Any]:
    """The person's own appeal. Errors: Problem out-of-scope (404); Refused."""
    entry = await _locked(con, entry_id)
    if not who.is_person(entry.person_id):
        raise Problem(404, "out-of-scope")
    events = appealing.appeal(entry, words, context.now)
    await store.add_appeal(con, entry_id, words, context.now)
    return await _record(con, context, entry, events)


async def uphold(con: Connection, context: Context, who: Principal, entry_id: str, words: str) -> dict[str, Any]:
    """Turn the appeal down. Errors: Problem out-of-scope (404); Refused."""
    entry = await _locked(con, entry_id)
    who.require(entry.unit_path, "province")
    events = appealing.uphold(entry, words, who.subject, context.now)
    await store.add_decision(con, entry_id, "uphold", Confirmation(who.subject, words, context.now))
    return await _record(con, context, entry, events)


async def lift(con: Connection, context: Context, who: Principal, entry_id: str, words: str) -> dict[str, Any]:
    """End a ban from today on. Errors: Problem out-of-scope (404); Refused."""
    entry = await _locked(con, entry_id)
    who.require(entry.unit_path, "province")
    events = appealing.lift(entry, words, who.subject, context.now)
    await store.add_decision(con, entry_id, "lift", Confirmation(who.subject, words, context.now))
    return await _record(con, context, entry, events)


async def override(con: Connection, context: Context, who: Principal, entry_id: str, ask: Ask) -> dict[str, Any]:
    """Except one year from a ban in principle. Errors: Problem out-of-scope, programme-unknown (404); Refused."""
    entry = await _locked(con, entry_id)
    who.require(entry.unit_path, "province")
    events = overriding.override(entry, ask, who.subject, context.now)
    if ask.policy_key not in {p["policy_key"] for p in await store.programmes(con)}:
        raise Problem(404, "programme-unknown", key=ask.policy_key)
    await store.add_exception(con, entry_id, ask, who.subject, context.now)
    return await _record(con, context, entry, events)


async def standing(con: Connection, person_id: str, level: str, forms: Sequence[str], on: date) -> dict[str, Any]:
    """Whether a person is barred from a class of this level and these forms starting on a day, by which entry, until when.

    ``excepted``: keys of the programme years in which that entry does not stand (L07).
    """
    entries = await store.standing(con, person_id)
    found = [(e, r) for e in entries if (r := bars(e.ranges, level, forms, on))]
    entry, barred = max(found, key=lambda x: x[1].ends_before, default=(None, None))
    return {"barred": barred is not None, "entry_id": entry.entry_id if entry else None, "range": barred,
            "excepted": list(entry.overridden) if entry else []}  # fmt: skip


async def _locked(con: Connection, entry_id: str) -> Entry:
    entry = await store.entry(con, entry_id, lock=True)
    if entry is None:
        raise Problem(404, "out-of-scope")
    return entry


async def anchors_of(con: Connection, entry: Entry) -> dict[str, date | None]:
    """The days from which a rule may count a ban, as far as they are known."""
    known = await store.anchors(con, entry.class_id)
    closed = known.get("closed_at")
    return {"class_end": known.get("ends_on"), "checkin_closed": day(closed, entry.rule.timezone) if closed else None}


async def _record(con: Connection, context: Context, entry: Entry, events: Sequence[BanEvent]) -> dict[str, Any]:
    outgoing = []
    for event in events:
        entry = evolve(entry, event, entry.version + 1)
        outgoing.append(Outgoing(entry.version, event))
    await store.save(con, [entry])
    await append(con, context.with_policy(entry.rule.policy), outgoing)
    return {
        "entry_id": entry.entry_id,
        "state": entry.state,
        "version": entry.version,
        "ranges": msgspec.to_builtins(list(entry.ranges)),
    }
