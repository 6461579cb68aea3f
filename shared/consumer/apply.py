"""Applies one batch of records in one transaction: fence, cursors, effect, parking, offsets."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import structlog

from shared.consumer.errors import EffectFailed, describe, passes
from shared.consumer.order import Order
from shared.consumer.records import Item, pack, restore
from shared.db import Connection, Database, load_queries
from shared.envelope import Received

log = structlog.get_logger()
Q = load_queries(__file__)
Effect = Callable[[Connection, Sequence[Received]], Awaitable[None]]
Partition = tuple[str, int]
Batch = Mapping[Partition, Sequence[Item]]
TRANSACTION_SECONDS: Final = 20.0
SLOW_SECONDS: Final = 8.0  # after that a slow pass commits what it has
PAGE: Final = 200


@dataclass
class Outcome:
    """What a committed batch did. ``next`` has the offset to read next of each partition that was processed."""

    next: dict[Partition, int] = field(default_factory=dict)
    applied: int = 0
    unknown: int = 0
    duplicates: int = 0
    parked: int = 0


class Applier:
    """The transactions of one consumer. Row locks keep other processes out; one task at a time in this one."""

    def __init__(self, name: str, db: Database, effect: Effect) -> None:
        self.name = name
        self._db = db
        self._effect = effect

    async def apply(self, batch: Batch) -> Outcome:
        """The whole batch at once; if the effect fails, the same again event by event, and the guilty one is parked.

        A partition whose first record is not the next one is left out. Errors: whatever passes; then nothing was done.
        """
        try:
            return await self._transact(batch, self._all_at_once)
        except (EffectFailed, TimeoutError, asyncpg.InFailedSQLTransactionError):
            return await self._transact(batch, self._one_by_one)

    async def _transact(self, batch: Batch, way: "_Way") -> Outcome:
        outcome = Outcome()
        async with asyncio.timeout(TRANSACTION_SECONDS), self._db.background() as con:
            items, some_parked = await self._fence(con, batch)
            if items:
                before = await self._cursors(con, items)
                order = Order(before)
                taken = await way(con, order, items, before if some_parked else None, outcome)
                outcome.next = {(i.topic, i.partition): i.offset + 1 for i in items[:taken]}
                await self._write(con, order, before, outcome)
                if some_parked:
                    await self._unpark(con, order, before)
                outcome.duplicates = order.duplicates
        return outcome

    async def _fence(self, con: Connection, batch: Batch) -> tuple[list[Item], bool]:
        """The records of the partitions that begin exactly where PostgreSQL says; locks these partitions."""
        parts = sorted(batch)
        rows = await con.fetch(Q.fence, self.name, [t for t, _ in parts], [p for _, p in parts])
        following = {(r["topic"], r["partition"]): r["next"] for r in rows}
        inside = [p for p in parts if following.get(p) == batch[p][0].offset]
        return [item for p in inside for item in batch[p]], any(r["parked"] for r in rows)

    async def _cursors(self, con: Connection, items: Iterable[Item]) -> dict[str, int]:
        streams = list({i.stream for i in items if i.stream is not None})
        return {r["stream"]: r["version"] for r in await con.fetch(Q.cursors, self.name, streams)}

    async def _all_at_once(
        self, con: Connection, order: Order, items: Sequence[Item], before: Mapping[str, int] | None, outcome: Outcome
    ) -> int:
        ready = order.offer_all(items)
        while more := await self._successors(con, order, before):
            followers = order.offer_all(more)
            if not followers:
                break
            ready += followers
        events = [i.received for i in ready if i.received is not None and i.received.event is not None]
        try:
            if events:
                await self._effect(con, events)
        except Exception as error:
            if passes(error, con):
                raise
            raise EffectFailed(describe(error)) from error
        outcome.applied, outcome.unknown = len(events), len(ready) - len(events)
        return len(items)

    async def _one_by_one(
        self, con: Connection, order: Order, items: Sequence[Item], before: Mapping[str, int] | None, outcome: Outcome
    ) -> int:
        deadline = time.monotonic() + SLOW_SECONDS
        taken = 0
        for taken, item in enumerate(items, 1):  # noqa: B007  (its last value is the answer)
            await self._run(con, order, order.offer(item), outcome)
            if time.monotonic() > deadline:
                break
        while time.monotonic() < deadline and (more := await self._successors(con, order, before)):
            runs = [await self._run(con, order, order.offer(item), outcome) for item in more]
            if not any(runs):
                break
        return taken

    async def _run(self, con: Connection, order: Order, run: list[Item], outcome: Outcome) -> int:
        """Apply a stream's events one by one until one fails; gives how many were applied."""
        for position, item in enumerate(run):
            try:
                await self.apply_one(con, item)
            except EffectFailed as error:
                log.warning(
                    "event parked", consumer=self.name, stream=item.stream, version=item.version, cause=str(error)
                )
                order.fail(run, position, str(error))
                return position
            known = item.received is not None and item.received.event is not None
            outcome.applied, outcome.unknown = outcome.applied + known, outcome.unknown + (not known)
        return len(run)

    async def apply_one(self, con: Connection, item: Item) -> None:
        """One event under a savepoint. Errors: EffectFailed, and whatever passes."""
        if item.received is None or item.received.event is None:
            return
        try:
            async with con.transaction():
                await self._effect(con, [item.received])
        except Exception as error:
            if passes(error, con):
                raise
            raise EffectFailed(describe(error)) from error

    async def _successors(self, con: Connection, order: Order, before: Mapping[str, int] | None) -> list[Item]:
        """Parked events right behind what was applied now; ``before`` is None when nothing at all is parked."""
        moved = _moved(order, before) if before is not None else {}
        if not moved:
            return []
        rows = await con.fetch(Q.parked_successors, self.name, list(moved), list(moved.values()), PAGE)
        return [restore(r) for r in rows]

    async def _write(self, con: Connection, order: Order, before: Mapping[str, int], outcome: Outcome) -> None:
        """Offsets, versions and parked records. A stream with a parked record gets a cursor, so that redrive can lock it."""
        waiting = order.waiting()
        touched = _moved(order, before)
        new = {i.stream: 0 for i in waiting if i.stream is not None and i.stream not in before}
        new |= {s: v for s, v in touched.items() if s not in before}
        old = {s: v for s, v in touched.items() if s in before}
        parts = outcome.next
        await con.execute(
            Q.advance, self.name, [t for t, _ in parts], [p for _, p in parts], list(parts.values()),
            list(old), list(old.values()), list(new), list(new.values()),
        )  # fmt: skip
        if waiting:
            outcome.parked = int((await con.execute(Q.park, self.name, *_columns(waiting))).rpartition(" ")[2])

    async def _unpark(self, con: Connection, order: Order, before: Mapping[str, int]) -> None:
        moved = _moved(order, before)
        await con.execute(Q.unpark, self.name, list(moved), list(moved.values()))


_Way = Callable[[Connection, Order, Sequence[Item], Mapping[str, int] | None, Outcome], Awaitable[int]]


def _moved(order: Order, before: Mapping[str, int]) -> dict[str, int]:
    return {s: v for s, v in order.versions.items() if v != before.get(s, 0)}


def _columns(items: Sequence[Item]) -> list[list[object]]:
    rows = [(i.topic, i.partition, i.offset, i.stream, i.version, i.key, pack(i.headers), i.payload, i.reason, i.error)
            for i in items]  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)]
