"""The least that a relay can be: DELETE … RETURNING, one batch per partition, commit. And the same with a publish loop."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from faststream.kafka import KafkaBroker

from shared.db import Connection

PAGE = 1000
TAKE = """
delete from outbox where seq = any (array(select seq from outbox order by seq limit $1 for update skip locked))
returning seq, topic, key, headers, payload
"""
headers_of = msgspec.json.Decoder(dict[str, str]).decode
partition_of = lru_cache(maxsize=65_536)(DefaultPartitioner())
Send = Any


async def drain(con: Connection, send: Send) -> int:
    """Send every row of the outbox, a page in each transaction; gives how many there were."""
    total = 0
    while True:
        async with con.transaction():
            rows = await con.fetch(TAKE, PAGE)
            rows.sort(key=lambda r: r["seq"])
            await send(rows)
        total += len(rows)
        if len(rows) < PAGE:
            return total


class Batches:
    """Sends the rows of each partition in one batch."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, partitions: Sequence[int]) -> None:
        self._producer, self._topic, self._partitions = producer, topic, partitions

    async def __call__(self, rows: Sequence[Any]) -> None:
        by_partition: dict[int, list[Any]] = {}
        for row in rows:
            key = row["key"].encode()
            partition = partition_of(key, self._partitions, self._partitions)
            by_partition.setdefault(partition, []).append((key, row))
        acks = [
            await self._producer.send_batch(batch, self._topic, partition=partition)
            for partition, group in by_partition.items()
            for batch in self._batches(group)
        ]
        await asyncio.gather(*acks)

    def _batches(self, group: Sequence[tuple[bytes, Any]]) -> Any:
        batch = self._producer.create_batch()
        for key, row in group:
            headers = [(name, value.encode()) for name, value in headers_of(row["headers"]).items()]
            while batch.append(timestamp=None, key=key, value=row["payload"], headers=headers) is None:
                yield batch
                batch = self._producer.create_batch()
        yield batch


class Publishing:
    """Publishes row by row, as a FastStream service does in its handlers."""

    def __init__(self, broker: KafkaBroker, topic: str) -> None:
        self._broker, self._topic = broker, topic

    async def __call__(self, rows: Sequence[Any]) -> None:
        for row in rows:
            headers = headers_of(row["headers"])
            await self._broker.publish(row["payload"], topic=self._topic, key=row["key"].encode(), headers=headers)
