"""Parked records that are no events of ours: what each one is, and putting it aside for good. Its bytes are kept.

Nothing waits for such a record, so leaving it unread harms nobody. An event can't be put aside: its stream would have a gap.
"""

from collections.abc import Mapping
from typing import Any, Final

import structlog

from shared.consumer.records import HeaderList, Item, printable, restore
from shared.db import Connection, Database, load_queries
from shared.problems import Problem

log = structlog.get_logger()
Q = load_queries(__file__, "aside.sql")
SHOWN: Final = 50  # records in a list
FIRST: Final = 64  # bytes that are shown of a record; a header is cut there too
WORDS: Final = 500  # the longest reason


async def unidentified(db: Database) -> list[dict[str, Any]]:
    """The first parked records whose envelope can't be read: where each came from, its headers and its first bytes as text."""
    async with db.system() as con:
        return [_shown(r) for r in await con.fetch(Q.unidentified, SHOWN)]


async def lately(db: Database) -> list[dict[str, Any]]:
    """What was put aside last, with who did it and why."""
    async with db.system() as con:
        return [dict(r) for r in await con.fetch(Q.lately, SHOWN)]


async def put_aside(db: Database, record: int, reason: str, actor: str) -> None:
    """Move a record out of ``parked`` for good, on someone's word.

    Errors: Problem out-of-scope (no such record), parked-event (it is an event, perhaps since this release), or stream-waits
    (its key names a stream in which events wait, so it may be the one that is missing).
    """
    async with db.write() as con:
        row = await con.fetchrow(Q.look, record)
        if row is None:
            raise Problem(404, "out-of-scope")
        await _refuse_event(con, row["consumer"], restore(row))
        await con.execute(Q.put_aside, record, reason, actor)
    log.warning("record put aside", record=record, consumer=row["consumer"], topic=row["topic"],
                partition=row["partition"], offset=row["offset"], actor=actor)  # fmt: skip


async def take_back(con: Connection, consumer: str) -> None:
    """Park again what this release reads as an event; the others stay aside."""
    readable = [r["id"] for r in await con.fetch(Q.aside, consumer) if restore(r).version is not None]
    if readable:
        await con.execute(Q.take_back, readable)
        log.warning("records that were put aside are events", consumer=consumer, records=len(readable))


async def _refuse_event(con: Connection, consumer: str, item: Item) -> None:
    if item.version is not None:
        raise Problem(409, "parked-event", stream=item.stream, version=item.version)
    named = [item.stream, *(printable(value) for name, value in item.headers if name == "ce_stream")]
    waits = await con.fetchval(Q.waits, consumer, [stream for stream in named if stream is not None])
    if waits is not None:
        raise Problem(409, "stream-waits", stream=waits)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    headers: HeaderList = restore(row).headers
    told = {k: row[k] for k in ("id", "consumer", "topic", "partition", "offset", "error", "attempts", "since")}
    return {**told, "key": _text(row["key"]), "headers": [[_cut(name), _text(value)] for name, value in headers],
            "bytes": len(row["payload"] or b""), "begins": _text(row["payload"])}  # fmt: skip


def _text(raw: bytes | None) -> str:
    return _cut((raw or b"")[:FIRST].decode("utf-8", "replace"))


def _cut(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:FIRST])
