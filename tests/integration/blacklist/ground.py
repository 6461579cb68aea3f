"""A small year as blacklist hears it, and ways to look at what it made of it."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from services.blacklist.entries import service, store
from services.blacklist.entries.domain.case import Entry, entry_id
from services.blacklist.subscribers import effect
from shared.auth import Grant, Principal
from shared.context import Context
from shared.db import Database
from shared.envelope import Received, decode, decode_event
from shared.events import EVENTS
from shared.events.notify import MessageDelivered
from shared.runtime import Runtime
from tests.support.streams import Streams
from tests.support.year import Year, at

TREE: dict[str, Any] = {"410000": {"410100": {"410183": {"410183-s001": {}}}}}
SCHOOL = "/u-410000/u-410100/u-410183/u-410183-s001/"
NO_SHOW, DISMISSED = entry_id("place-a0", "no_show"), entry_id("place-a2", "dismissed")
TOLD = at(9, 2)
UNTIL = datetime.fromisoformat("2021-09-17T23:59:59+08:00")
follow = effect(cast("Runtime", SimpleNamespace(name="blacklist")))


def message(streams: Streams, name: str, kind: str, when: datetime, **more: Any) -> Received:
    told = {"message_id": f"{kind}-{name}-{more.get('version', 2)}", "kind": kind, "channel": "sms", "occurrence": "0",
            "version": 2, "subject_kind": "class", "subject_id": "class", "person_id": f"person-{name}",
            "place_id": f"place-{name}", "class_id": "class", "delivered_at": when, **more}  # fmt: skip
    return streams.add(MessageDelivered(**told), when)


def story(year: Year | None = None) -> Year:
    """a0 never came, a1 was excused, a2 was dismissed, a3 completed; all had been told of the class, moved or not."""
    year = year or Year()
    year.units(TREE)
    year.institution("inst-001", "410000")
    year.publish()
    year.schedule("class", "inst-001")
    for n in range(4):
        name = f"a{n}"
        year.select(name, SCHOOL)
        year.step(name, "assigned")
        message(year.streams, name, "class-opened", at(8, 6), version=1, proof=True)
        message(year.streams, name, "class-changed", at(8, 17))
        year.step(name, "excused") if n == 1 else None
        year.step(name, "checked_in") if n > 1 else None
        year.step(name, "expected")
    year.step("a0", "no_show")
    year.step("a2", "dismissed")
    year.step("a3", "completed")
    year.close("class", 4, 2)
    for name, entry in (("a0", NO_SHOW), ("a2", DISMISSED)):
        message(
            year.streams, name, "ban-proposed", TOLD, entry_id=entry, proof=True, subject_kind="entry", subject_id=entry
        )
    return year


async def entries(db: Database) -> dict[str, Entry]:
    async with db.system() as con:
        rows = await store.page(con, None, None, 0, 50)
        return {r["entry"].entry_id: r["entry"] for r in rows}


async def sent(db: Database) -> list[tuple[str, str, str]]:
    async with db.system() as con:
        rows = await con.fetch("select key, headers, payload from outbox order by seq")
    headers = [(r["key"], msgspec.json.decode(r["headers"])) for r in rows]
    return [(key, h["ce_type"].split(".")[2], h["ce_streamversion"]) for key, h in headers]


def officer(subject: str, role: str = "province", path: str = "/u-410000/") -> Principal:
    return Principal(subject, subject, (Grant(role, None, None, path),))


def person(name: str) -> Principal:
    return Principal(name, name, (Grant("teacher", person_id=f"person-{name}"),))


def frame(now: datetime) -> Context:
    return Context(now, "test", "blacklist", "0" * 32, "00-" + "0" * 31 + "1-" + "0" * 15 + "1-01")


async def confirm(
    db: Database, who: str, now: datetime, entry: str = NO_SHOW, words: str = "情况属实"
) -> dict[str, Any]:
    async with db.write() as con:
        return await service.confirm(con, frame(now), officer(who), entry, words)


async def dump(db: Database) -> list[Any]:
    async with db.system() as con:
        found: list[Any] = []
        for name in (
            "unit",
            "programme",
            "rule",
            "class",
            "place",
            "fact",
            "notice",
            "dropout",
            "entry",
            "reply",
            "appeal",
            "exception",
            "decision",
            "echo",
        ):
            found += [name, *await con.fetch(f"select t::text from {name} t order by 1")]
        return found


async def dump_facts(db: Database) -> list[Any]:
    async with db.system() as con:
        rows: list[Any] = await con.fetch("select * from fact order by event_id")
        return rows


async def own_events(db: Database) -> list[Received]:
    async with db.system() as con:
        rows = await con.fetch("select topic, headers, payload from outbox order by seq")
    found = []
    for index, row in enumerate(rows):
        headers = {k: v.encode() for k, v in msgspec.json.decode(row["headers"]).items()}
        envelope = decode(list(headers.items()), headers["ce_stream"])
        assert envelope.type in EVENTS
        found.append(Received(envelope, decode_event(envelope, row["payload"]), row["topic"], 0, index))
    return found
