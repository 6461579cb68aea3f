"""Applies one batch of records in one transaction: fence, cursors, effect, parking, offsets."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.consumer.errors import EffectFailed, passes
from shared.consumer.order import Order
from shared.consumer.records import Item, clean, pack, restore
from shared.db import Connection, Database, load_queries
from shared.envelope import Received

Q = load_queries(__file__)
Effect = Callable[[Connection, Sequence[Received]], Awaitable[None]]
Partition = tuple[str, int]
Batch = Mapping[Partition, Sequence[Item]]
TRANSACTION_SECONDS: Final = 20.0
SLOW_SECONDS: Final = 8.0  # after that a slow pass commits what it has
PAGE: Final = 200


@dataclass
class Outcome:
    """What a committed batch did. ``next`` holds the partitions that were processed, with the offset to read next."""

    next: dict[Partition, int] = field(default_factory=dict)
    applied: int = 0
    unknown: int = 0
    duplicates: int = 0
    parked: int = 0


class Applier:
    """The transaction of one consumer. Used by one task at a time in a process; processes exclude each other by row locks."""

    def __init__(self, name: str, db: Database, effect: Effect) -> None:
        self.name = name
        self._db = db
        self._effect = effect

    async def apply(self, batch: Batch) -> Outcome:
        """The whole batch at once; if an effect fails, the same again event by event, and the guilty is parked.

        Errors: whatever passes (see ``errors``); then nothing was done.
        """
        try:
            return await self._transact(batch, self._all_at_once)
        except (EffectFailed, TimeoutError):
            return await self._transact(batch, self._one_by_one)

    async def _transact(self, batch: Batch, work: "_Work") -> Outcome:
        async with asyncio.timeout(TRANSACTION_SECONDS), self._db.background() as con:
            inside, some_parked = await self._fence(con, batch)
            items = [item for part in inside for item in batch[part]]
            before = await self._cursors(con, items)
            order, outcome = Order(before), Outcome()
            await work(con, order, items, outcome, some_parked=some_parked)
            outcome.next = _positions(items[: outcome.taken])
            await self._write(con, order, before, outcome, some_parked=some_parked)
        return outcome
