"""The consumer: takes records in batches, applies each event exactly once and in order, and never raises."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import Final

import structlog
from aiokafka import TopicPartition

from shared.consumer.apply import Applier, Effect, Outcome
from shared.consumer.logs import Logs
from shared.consumer.offsets import Offsets
from shared.consumer.records import Item, Record, read
from shared.consumer.steering import Kafka, Steering
from shared.crashpoint import reach
from shared.db import Database

log = structlog.get_logger()
_PARTITION: Final = attrgetter("topic", "partition")
MAX_WAIT: Final = 2.0  # s; well below any session time-out


class Consumer:
    """Exactly-once effects in PostgreSQL from Kafka's at-least-once delivery.

    PostgreSQL holds the truth: the next offset of each partition and the version of each stream, written in the
    effect's transaction. ``effect(con, events)`` gets the events of a whole batch: in order within a stream, each once, without
    order between streams. When it raises, the batch is done again event by event, and the event that still fails is
    parked; later events of its stream wait. It must not call other systems (write an outbox row instead).

    ``on_effect`` is called after a commit that applied something. A new name reads everything from the beginning.
    """

    def __init__(
        self, name: str, topics: Sequence[str], db: Database, effect: Effect, *,
        on_effect: Callable[[], None] | None = None, reconcile_seconds: float = 30.0,
    ) -> None:  # fmt: skip
        self.name = name
        self.topics = topics
        self.counts: Counter[str] = Counter()
        self.applier = Applier(name, db, effect)
        self._on_effect = on_effect
        self._offsets = Offsets(name, topics, db)
        self._steering = Steering(self._offsets, reconcile_seconds)
        self._get_kafka: Callable[[], Kafka | None] = lambda: None
        self._stopping = asyncio.Event()
        self._failures = 0

    @property
    def ready(self) -> bool:
        """Whether the group has given its partitions, they stand where they should, and the last batch went through."""
        return self._steering.settled and not self._failures

    @property
    def alarms(self) -> int:
        """How often PostgreSQL and Kafka did not fit together: records gone before they were read, or a topic that lost some."""
        return self._offsets.alarms

    async def behind(self) -> int:
        """Records that are in the topics and were not read by this consumer. Errors: RuntimeError before the start."""
        return await self._offsets.behind()

    @property
    def stuck_seconds(self) -> float:
        """At the last look of ``behind``: for how long some partition had had records to read and had not moved."""
        return self._offsets.stuck_seconds

    def start(self, get_kafka: Callable[[], Kafka | None], logs: Logs, prefix: str) -> None:
        """Begin; ``get_kafka`` gives the Kafka consumer once it is there. Called before the first assignment."""
        self._get_kafka = get_kafka
        self._offsets.start(logs, prefix)
        self._steering.start()

    def leave(self) -> None:
        """Wait no longer between attempts: the process ends."""
        self._stopping.set()

    async def stop(self) -> None:
        """End the tasks; after the last batch, before the pools close."""
        self._stopping.set()
        await self._steering.stop()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """For the group's listener."""
        kafka = self._get_kafka()
        if kafka is None:
            raise RuntimeError("partitions were assigned to a consumer that has stopped")
        self._steering.assign(kafka, assigned)

    async def __call__(self, records: Sequence[Record]) -> None:
        """Apply what was delivered. Returns normally whatever happens; what was not applied is delivered again."""
        try:
            await self._take(records)
        except Exception:
            self._failures += 1
            log.exception("batch not applied, it is read again", consumer=self.name, failures=self._failures)
            self._steering.again({TopicPartition(r.topic, r.partition): r.offset for r in reversed(records)})
            await self._wait(min(MAX_WAIT, 0.05 * 2.0 ** min(self._failures, 10)))
        else:
            self._failures = 0

    async def _take(self, records: Sequence[Record]) -> None:
        batch = self._read(records)
        outcome = await self.applier.apply(batch)
        reach("consumer.committed")
        self._report(outcome)
        self._steer({p: items[-1].offset + 1 for p, items in batch.items()}, outcome)

    def _read(self, records: Sequence[Record]) -> dict[tuple[str, int], list[Item]]:
        batch: dict[tuple[str, int], list[Item]] = {}
        for (physical, partition), group in groupby(records, key=_PARTITION):
            topic = physical.removeprefix(self._offsets.prefix)
            batch.setdefault((topic, partition), []).extend([read(r, topic) for r in group])
        return batch

    def _report(self, outcome: Outcome) -> None:
        self.counts.update(
            applied=outcome.applied, unknown=outcome.unknown, duplicates=outcome.duplicates, parked=outcome.parked
        )
        if outcome.parked:
            log.error("records parked", consumer=self.name, parked=outcome.parked)
        if outcome.applied and self._on_effect is not None:
            self._on_effect()

    def _steer(self, expected: dict[tuple[str, int], int], outcome: Outcome) -> None:
        done = {self._offsets.physical(*p): n for p, n in expected.items() if outcome.next.get(p) == n}
        strays = [self._offsets.physical(*p) for p, n in expected.items() if outcome.next.get(p) != n]
        self._steering.done(done)
        if strays:
            self.counts["strays"] += len(strays)
            self._steering.stray(strays)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
