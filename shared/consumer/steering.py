"""Keeps the Kafka consumer where PostgreSQL says: on assignment, after a mismatch, and every now and then."""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Final, NamedTuple, Protocol

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from shared.consumer.hints import Hints
from shared.consumer.offsets import Offsets

log = structlog.get_logger()
MAX_BACK_OFF: Final = 2.0  # s


class Kafka(Protocol):
    """What is used of aiokafka's consumer."""

    def assignment(self) -> Collection[TopicPartition]: ...
    def paused(self) -> Collection[TopicPartition]: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    async def position(self, partition: TopicPartition) -> int: ...
    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...


class Steering:
    """Seeks, pauses and commits for one consumer.

    A partition is astray until its position was read from PostgreSQL; it is paused meanwhile. No position in memory is
    ever trusted: what is delivered from a wrong place is dropped by the fence and brings the partition here again.
    """

    def __init__(self, offsets: Offsets, reconcile_seconds: float) -> None:
        self._offsets = offsets
        self._reconcile_seconds = reconcile_seconds
        self._kafka: Kafka | None = None
        self._astray: set[TopicPartition] = set()
        self._tries: dict[TopicPartition, int] = {}
        self._hints = Hints()
        self._positioning: asyncio.Task[None] | None = None
        self._loops: list[asyncio.Task[None]] = []
        self.assigned = False
        self.stalled = False

    @property
    def kafka(self) -> Kafka:
        """The consumer in use. Errors: RuntimeError before the start."""
        if self._kafka is None:
            raise RuntimeError("the consumer has not started")
        return self._kafka

    @property
    def settled(self) -> bool:
        """Whether the group has assigned partitions (or none), all stand where they should, and waiting records are read."""
        return self.assigned and not self._astray and not self.stalled

    def start(self) -> None:
        """Begin to reconcile and to commit hints."""
        self._loops = [asyncio.create_task(self._commit_hints()), asyncio.create_task(self._reconcile())]

    async def stop(self) -> None:
        """End all tasks."""
        tasks = [t for t in (*self._loops, self._positioning) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def assign(self, kafka: Kafka, assigned: Collection[TopicPartition]) -> None:
        """The group gave this member its partitions. Not a coroutine: nothing may be delivered before the pause."""
        self._kafka = kafka
        self._hints.forget()
        self._tries.clear()
        self._astray = set(assigned)
        if self._positioning is not None:
            self._positioning.cancel()
        kafka.pause(*assigned)
        self.assigned = True
        self._positioning = asyncio.create_task(self._settle())

    def stray(self, partitions: Collection[TopicPartition]) -> None:
        """Records came from another place than the next one: pause and read the position again."""
        mine = set(partitions) & set(self.kafka.assignment())
        if not mine:
            return
        for tp in mine:
            self._tries[tp] = self._tries.get(tp, 0) + 1
        self._astray |= mine
        self.kafka.pause(*mine)
        if self._positioning is None or self._positioning.done():
            self._positioning = asyncio.create_task(self._settle())

    def again(self, starts: Mapping[TopicPartition, int]) -> None:
        """Read the same records once more."""
        for tp, offset in starts.items():
            with suppress(IllegalStateError):  # it was taken from this member meanwhile
                self.kafka.seek(tp, offset)

    def done(self, following: Mapping[TopicPartition, int]) -> None:
        """Records were applied: tell Kafka at leisure, for tools that watch the lag."""
        for tp in following:
            self._tries.pop(tp, None)
        self._hints.add(following)

    async def _settle(self) -> None:
        failures = 0
        while self._astray:
            tps = frozenset(self._astray)
            await asyncio.sleep(self._delay(tps, failures))
            try:
                placed = self._place(await self._offsets.wanted(tps))
            except IllegalStateError:
                return  # reassigned meanwhile; that begins anew
            except Exception:
                failures += 1
                log.exception("positions unknown, partitions wait", partitions=len(tps), failures=failures)
            else:
                self._astray -= placed

    def _delay(self, tps: Collection[TopicPartition], failures: int) -> float:
        tries = max((self._tries.get(tp, 0) - 1 for tp in tps), default=0)
        return min(MAX_BACK_OFF, 0.02 * 2.0 ** min(max(tries, failures), 10)) if max(tries, failures) > 0 else 0.0

    def _place(self, wanted: Mapping[TopicPartition, int]) -> set[TopicPartition]:
        for tp, offset in wanted.items():
            self.kafka.seek(tp, offset)
        self.kafka.resume(*wanted)
        return set(wanted)

    async def _commit_hints(self) -> None:
        while True:
            await self._hints.commit_on(self.kafka)

    async def _reconcile(self) -> None:
        """Look for partitions that should move and don't, and position them again.

        A database put back to an older state shows as a position ahead of PostgreSQL; a partition that stayed paused, or
        a group whose coordination died, as records that nobody takes.
        """
        last: dict[TopicPartition, Standing] = {}
        while True:
            await asyncio.sleep(self._reconcile_seconds)
            try:
                seen = await self._compare()
            except Exception:
                log.exception("positions not compared")
                continue
            still = [tp for tp, now in seen.items() if now.waiting and tp in last and now.same_place(last[tp])]
            self.stalled = bool(still)
            if still:
                log.error("no progress, partitions are positioned again", partitions=len(still))
                self.stray(still)
            last = seen

    async def _compare(self) -> "dict[TopicPartition, Standing]":
        """How each partition stands that is running."""
        tps = set(self.kafka.assignment()) - self._astray if self._kafka is not None else set()
        wanted = await self._offsets.wanted(tps) if tps else {}
        ends = await self._offsets.logs.ends(tps) if tps else {}
        return {tp: Standing(await self.kafka.position(tp), offset, ends[tp]) for tp, offset in wanted.items()}


class Standing(NamedTuple):
    """The consumer's position, PostgreSQL's next offset and the end of the log."""

    position: int
    following: int
    end: int

    @property
    def waiting(self) -> bool:
        """Whether the consumer stands elsewhere than it should, or there are records to read."""
        return self.position != self.following or self.end > self.following

    def same_place(self, other: "Standing") -> bool:
        """Whether nothing was read since."""
        return (self.position, self.following) == (other.position, other.following)
