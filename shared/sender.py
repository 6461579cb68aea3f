"""Sends outbox rows to Kafka in whole batches, in order per key, and waits for every acknowledgement."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

Row = Mapping[str, Any]
MAX_BATCH: Final = 1_000_000  # bytes; the broker refuses a batch above 1,048,588, and a refusal poisons the producer
_headers: Final = msgspec.json.Decoder(dict[str, str]).decode
_partition: Final = lru_cache(maxsize=65_536)(DefaultPartitioner())


class Sender:
    """One idempotent producer for one task: two tasks that send to a partition would overtake each other.

    After any error it must be dropped; the producer's sequence numbers may be broken for ever. Rows are mappings with
    ``topic`` (without ``prefix``), ``key``, ``headers`` (JSON object) and ``payload``.
    """

    def __init__(self, kafka: str, prefix: str) -> None:
        self._prefix = prefix
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka,
            acks="all",
            enable_idempotence=True,
            max_batch_size=MAX_BATCH,
            request_timeout_ms=10_000,
        )

    async def start(self) -> None:
        """Connect. Errors: KafkaError."""
        await self._producer.start()

    async def send(self, rows: Sequence[Row]) -> None:
        """Send and wait for all acknowledgements. Errors: KafkaError; some rows may have arrived all the same."""
        acks: list[asyncio.Future[object]] = []
        try:
            for topic, group in _grouped(rows, "topic"):
                await self._send_topic(self._prefix + topic, group, acks)
            await asyncio.gather(*acks)
        finally:
            for ack in acks:
                ack.cancel()

    async def _send_topic(self, topic: str, rows: Sequence[Row], acks: list[asyncio.Future[object]]) -> None:
        partitions = tuple(sorted(await self._producer.partitions_for(topic)))
        by_partition: dict[int, list[Row]] = {}
        for row in rows:
            by_partition.setdefault(_partition(row["key"].encode(), partitions, partitions), []).append(row)
        for partition, group in by_partition.items():
            for batch in self._batches(group):
                acks.append(await self._producer.send_batch(batch, topic, partition=partition))  # noqa: PERF401  (kept on error)

    def _batches(self, rows: Iterable[Row]) -> Iterator[Any]:
        batch = self._producer.create_batch()
        for row in rows:
            if not _add(batch, row):
                yield batch
                batch = self._producer.create_batch()
                _add(batch, row)
        yield batch

    async def drop(self) -> None:
        """Close without waiting for acknowledgements that may never come (the rows are still in the outbox).

        Takes at most the 10 s of a request under way. aiokafka's own ``stop`` waits for every batch without end, and a
        producer that is left behind would send its batches whenever the broker comes back. There is no public way to
        give batches up: first the sending must end, for it puts batches back that it could not send.
        """
        try:
            await self._producer._sender.close()  # noqa: SLF001  (aiokafka offers no close without a flush)
        finally:
            accumulator = self._producer._message_accumulator  # noqa: SLF001  (as above)
            for batch in (*chain.from_iterable(accumulator._batches.values()), *accumulator._pending_batches):  # noqa: SLF001  (as above)
                batch.future.cancel()
            await self._producer.stop()


def _add(batch: Any, row: Row) -> bool:
    """False when the batch is full. The record's time is left to the client: business time is a header."""
    headers = [(name, value.encode()) for name, value in _headers(row["headers"]).items()]
    return batch.append(timestamp=None, key=row["key"].encode(), value=row["payload"], headers=headers) is not None


def _grouped(rows: Iterable[Row], column: str) -> Iterable[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups.items()
