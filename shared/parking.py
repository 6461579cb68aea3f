"""Parked records: what is stuck and why, and applying it again once the cause is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import structlog

from shared.aside import take_back
from shared.consumer import Consumer
from shared.consumer.errors import EffectFailed, describe
from shared.consumer.records import Item, restore
from shared.db import Connection, Database, load_queries

log = structlog.get_logger()
Q = load_queries(__file__, "parking.sql")
PAGE: Final = 200  # events of a stream in one transaction


@dataclass(frozen=True, slots=True)
class Redriven:
    """``applied`` parked records were applied (or had been applied already); ``failed`` are parked still."""

    applied: int
    failed: int


async def list_parked(db: Database) -> list[dict[str, Any]]:
    """What is parked, by cause: causes first, then what only waits for them (reason ``gap``)."""
    async with db.system() as con:
        return [dict(r) for r in await con.fetch(Q.groups)]


async def redrive(db: Database, consumer: Consumer, stream: str | None = None) -> Redriven:
    """Apply parked events again: each stream in order, in its own transactions, up to the first that still fails.

    Can run beside the live consumer and beside another redrive: whoever holds the stream's cursor row goes on.
    Errors: those of the database.
    """
    again = _Redrive(db, consumer)
    await again.identify()
    async with db.background() as con:
        streams = [r["stream"] for r in await con.fetch(Q.streams, consumer.name, stream)]
    applied = sum([await again.stream(s) for s in streams])
    async with db.background() as con:
        failed = await con.fetchval(Q.still_parked, consumer.name, stream)
    log.info("redriven", consumer=consumer.name, applied=applied, failed=failed)
    return Redriven(applied, failed)


class _Redrive:
    def __init__(self, db: Database, consumer: Consumer) -> None:
        self._db = db
        self._applier = consumer.applier
        self._name = consumer.name

    async def identify(self) -> None:
        """Records whose envelope could not be read when they came: perhaps this code can."""
        async with self._db.background() as con:
            await take_back(con, self._name)
            for row in await con.fetch(Q.unidentified, self._name):
                item = restore(row)
                if item.version is None:
                    await con.execute(Q.tried, [row["id"]], item.reason, item.error)
                elif await con.execute(Q.identify, row["id"], item.stream, item.version) == "UPDATE 0":
                    await con.execute(Q.remove, [row["id"]])  # the same event is parked under its version already

    async def stream(self, stream: str) -> int:
        """Page by page until nothing of the stream is left or something fails."""
        total = done = await self._page(stream)
        while done == PAGE:
            done = await self._page(stream)
            total += done
        return total

    async def _page(self, stream: str) -> int:
        async with self._db.background() as con:
            version = await con.fetchval(Q.lock_cursor, self._name, stream) or 0
            rows = await con.fetch(Q.page, self._name, stream, PAGE)
            items = [restore(r) for r in rows]
            passed, last = await self._apply(con, items, version)
            if passed < len(items):
                await self._note(con, rows[passed]["id"], items[passed], last)
            await con.execute(Q.remove, [r["id"] for r in rows[:passed]])
            if last != version:
                await con.execute(Q.move_cursor, self._name, stream, last)
        return passed

    async def _apply(self, con: Connection, items: Sequence[Item], last: int) -> tuple[int, int]:
        """How many of the items are done with, and the stream's version after them."""
        for position, item in enumerate(items):
            version = item.version or 0
            if version <= last:
                continue
            if version > last + 1 or item.received is None:
                return position, last
            try:
                await self._applier.apply_one(con, item)
            except EffectFailed as error:
                item.reason, item.error = "failed", str(error)
                return position, last
            except asyncpg.QueryCanceledError as error:  # still too slow: the same cause as when it was parked
                item.reason, item.error = "failed", describe(error)
                return position, last
            last = version
        return len(items), last

    async def _note(self, con: Connection, row_id: int, item: Item, last: int) -> None:
        """Keep the present cause of the record that stopped its stream; a gap is not its own fault."""
        if item.version == last + 1:
            await con.execute(Q.tried, [row_id], item.reason, item.error)
