"""Applies one batch of records in one transaction: at once, or event by event when that fails."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import structlog

from shared.consumer.errors import TOO_SLOW, EffectFailed, describe, passes
from shared.consumer.order import Order
from shared.consumer.records import Item
from shared.consumer.rows import Batch, Partition, Rows, moved
from shared.db import Connection, Database
from shared.envelope import Received

log = structlog.get_logger()
Effect = Callable[[Connection, Sequence[Received]], Awaitable[None]]
TRANSACTION_SECONDS: Final = 20.0  # all of these count from its beginning, with the wait for a connection and for locks
EFFECT_SECONDS: Final = 18.0  # the rest is for offsets, versions and parking
SLOW_SECONDS: Final = 8.0  # after that a slow pass begins no other event and commits what it has
EVENT_SECONDS: Final = 10.0  # for one event of a slow pass; the first of a pass may take what is left for effects
TRIES: Final = 3  # one may meet a busy database; about two minutes of three are more than the other streams should wait


@dataclass
class Outcome:
    """What a committed batch did. ``next`` has the offset to read next of each partition that was processed."""

    next: dict[Partition, int] = field(default_factory=dict)
    applied: int = 0
    unknown: int = 0
    duplicates: int = 0
    parked: int = 0


@dataclass
class _Work:
    """One attempt at a batch. ``before`` has the versions that it began with, ``began`` the machine's clock."""

    con: Connection
    items: Sequence[Item]
    before: dict[str, int]
    order: Order
    some_parked: bool
    outcome: Outcome
    began: float

    @property
    def moved(self) -> dict[str, int]:
        return moved(self.order, self.before)

    @property
    def slow(self) -> bool:
        return time.monotonic() > self.began + SLOW_SECONDS

    @property
    def patience(self) -> float:
        """The seconds that the next event may take."""
        left = self.began + EFFECT_SECONDS - time.monotonic()
        return min(left, EVENT_SECONDS) if self.outcome.applied else left


class Applier:
    """The transactions of one consumer. Row locks keep other processes out; one task at a time in this one."""

    def __init__(self, name: str, db: Database, effect: Effect) -> None:
        self.name = name
        self._db = db
        self._effect = effect
        self._rows = Rows(name)
        self._too_slow: Counter[tuple[str | None, int | None]] = Counter()

    async def apply(self, batch: Batch) -> Outcome:
        """The whole batch at once; if the effect fails, the same again event by event, and the guilty one is parked.

        A partition whose first record is not the next one is left out. Errors: whatever passes; then nothing was done.
        """
        try:
            return await self._transact(batch, self._all_at_once)
        except (EffectFailed, *TOO_SLOW, asyncpg.InFailedSQLTransactionError):
            return await self._transact(batch, self._one_by_one)

    async def _transact(self, batch: Batch, way: Callable[[_Work], Awaitable[int]]) -> Outcome:
        outcome, began = Outcome(), time.monotonic()
        async with asyncio.timeout(TRANSACTION_SECONDS), self._db.background() as con:
            items, some_parked = await self._rows.fence(con, batch)
            if items:
                before = await self._rows.versions(con, items)
                work = _Work(con, items, before, Order(before), some_parked, outcome, began)
                taken = await way(work)
                outcome.next = {(i.topic, i.partition): i.offset + 1 for i in items[:taken]}
                await self._write(work)
        return outcome

    async def _write(self, work: _Work) -> None:
        waiting = work.order.waiting()
        await self._rows.advance(work.con, work.outcome.next, work.order, work.before, waiting)
        if waiting:
            work.outcome.parked = await self._rows.park(work.con, waiting)
        if work.some_parked:
            await self._rows.unpark(work.con, work.moved)
        work.outcome.duplicates = work.order.duplicates

    async def _all_at_once(self, work: _Work) -> int:
        ready = work.order.offer_all(work.items)
        while more := work.order.offer_all(await self._successors(work)):
            ready += more
        events = [i.received for i in ready if i.received is not None and i.received.event is not None]
        if events:
            await self._run_effect(work.con, events)
        work.outcome.applied, work.outcome.unknown = len(events), len(ready) - len(events)
        self._forget(ready)
        return len(work.items)

    async def _one_by_one(self, work: _Work) -> int:
        """Gives how many items it took: it stops early rather than to exceed the transaction's time.

        Before an event that was too slow it stops as well, so that this one comes first and has all the time there is.
        """
        taken = 0
        for item in work.items:
            if taken and (work.slow or (work.outcome.applied and (item.stream, item.version) in self._too_slow)):
                return taken
            await self._run(work, work.order.offer(item))
            taken += 1
        while await self._go_on(work):
            pass
        return taken

    async def _go_on(self, work: _Work) -> int:
        """Apply what was parked behind the streams' new versions; gives how many were applied."""
        done = 0
        for item in await self._successors(work):
            if work.slow:
                return 0
            done += await self._run(work, work.order.offer(item))
        return done

    async def _successors(self, work: _Work) -> list[Item]:
        """Parked events right behind what was applied now."""
        if not work.some_parked or not work.moved:
            return []
        return await self._rows.successors(work.con, work.moved)

    async def _run(self, work: _Work, run: list[Item]) -> int:
        """Apply a stream's events one by one until one fails; gives how many were applied."""
        for position, item in enumerate(run):
            try:
                await self._in_time(work.con, item, work.patience)
            except EffectFailed as error:
                cause = {"stream": item.stream, "version": item.version, "error": type(error.__cause__).__name__}
                log.warning("event parked", consumer=self.name, **cause)
                work.order.fail(run, position, str(error))
                return position
            known = item.received is not None and item.received.event is not None
            work.outcome.applied += known
            work.outcome.unknown += not known
        return len(run)

    async def _in_time(self, con: Connection, item: Item, seconds: float) -> None:
        """Errors: as ``apply_one``; an event that is too slow passes at first, and fails for good at the last of ``TRIES``."""
        try:
            await self.apply_one(con, item, seconds)
        except TOO_SLOW as error:
            self._too_slow[item.stream, item.version] += 1
            if self._too_slow[item.stream, item.version] < TRIES:
                raise
            self._forget([item])
            raise EffectFailed(describe(error)) from error
        self._forget([item])

    def _forget(self, items: Sequence[Item]) -> None:
        for item in items if self._too_slow else ():
            self._too_slow.pop((item.stream, item.version), None)

    async def apply_one(self, con: Connection, item: Item, seconds: float | None = None) -> None:
        """One event under a savepoint. Errors: EffectFailed, and whatever passes.

        ``seconds`` end inside the savepoint: an event is never taken for slow whose effect was released.
        """
        if item.received is None or item.received.event is None:
            return
        async with con.transaction(), asyncio.timeout(seconds):
            await self._run_effect(con, [item.received])

    async def _run_effect(self, con: Connection, events: Sequence[Received]) -> None:
        try:
            await self._effect(con, events)
        except Exception as error:
            if passes(error, con):
                raise
            raise EffectFailed(describe(error)) from error
