"""The offsets that PostgreSQL holds, and what to do where they and Kafka's log don't fit together."""

import time
from collections.abc import Collection, Mapping

import structlog
from aiokafka import TopicPartition

from shared.consumer.logs import Logs
from shared.consumer.standstill import Standstill
from shared.db import Database, load_queries

log = structlog.get_logger()
Q = load_queries(__file__)


class Offsets:
    """The rows of one consumer in ``consumer_offset``; Kafka's topics carry ``prefix``, the rows don't."""

    def __init__(self, name: str, topics: Collection[str], db: Database) -> None:
        self._name = name
        self._topics = topics
        self._db = db
        self._logs: Logs | None = None
        self.prefix = ""
        self.alarms = 0
        self.stuck_seconds = 0.0
        self._standstill = Standstill()

    def start(self, logs: Logs, prefix: str) -> None:
        """From now on the topics' logs can be asked."""
        self._logs, self.prefix = logs, prefix

    @property
    def logs(self) -> Logs:
        """The topics' logs. Errors: RuntimeError before the start."""
        if self._logs is None:
            raise RuntimeError("the consumer has not started")
        return self._logs

    def logical(self, tp: TopicPartition) -> tuple[str, int]:
        """Topic without prefix, partition."""
        return tp.topic.removeprefix(self.prefix), tp.partition

    def physical(self, topic: str, partition: int) -> TopicPartition:
        """The partition as Kafka names it."""
        return TopicPartition(self.prefix + topic, partition)

    async def wanted(self, tps: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Where to read on. A partition that was never read begins at its first record.

        Where the next record does not exist, an alarm is logged and reading goes on from the first record that does:
        events that were applied are known by their version, and holes in a stream park it.
        """
        stored = await self._stored(tps)
        begins, ends = await self.logs.begins(tps), await self.logs.ends(tps)
        wrong = {tp: n for tp, n in stored.items() if not begins[tp] <= n <= ends[tp]}
        missing = set(tps) - set(stored)
        if wrong or missing:
            await self._begin({tp: begins[tp] for tp in missing})
            await self._move(wrong, begins, ends)
            stored = await self._stored(tps)
        return stored

    async def behind(self) -> int:
        """Records of all partitions of the topics that were not read. Errors: RuntimeError when a topic is missing, or before the start.

        Leaves in ``stuck_seconds`` for how long one of these partitions has not moved, seen from look to look.
        """
        tps = [tp for topic in self._topics for tp in self.logs.partitions(self.prefix + topic)]
        stored = await self._stored(tps)
        missing = set(tps) - set(stored)
        begins = await self.logs.begins(missing) if missing else {}
        ends = await self.logs.ends(tps)
        following = {tp: stored.get(tp, begins.get(tp, 0)) for tp in tps}
        waiting = {tp: offset for tp, offset in following.items() if ends[tp] > offset}
        self.stuck_seconds = self._standstill.look(waiting, time.monotonic())
        return sum(ends[tp] - offset for tp, offset in waiting.items())

    async def _stored(self, tps: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        parts = [self.logical(tp) for tp in tps]
        async with self._db.background() as con:
            rows = await con.fetch(Q.offsets, self._name, [t for t, _ in parts], [p for _, p in parts])
        return {self.physical(r["topic"], r["partition"]): r["next"] for r in rows}

    async def _begin(self, begins: Mapping[TopicPartition, int]) -> None:
        parts = [self.logical(tp) for tp in begins]
        async with self._db.background() as con:
            await con.execute(
                Q.begin_offsets, self._name, [t for t, _ in parts], [p for _, p in parts], list(begins.values())
            )

    async def _move(
        self,
        wrong: Mapping[TopicPartition, int],
        begins: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
    ) -> None:
        for tp, old in wrong.items():
            self.alarms += 1
            what = "records were removed before they were read" if old < begins[tp] else "the topic has lost records"
            log.critical("gap between PostgreSQL and Kafka", what=what, consumer=self._name, topic=tp.topic,
                         partition=tp.partition, next=old, first=begins[tp], end=ends[tp])  # fmt: skip
            async with self._db.background() as con:
                await con.execute(Q.move_offset, self._name, *self.logical(tp), old, begins[tp])
