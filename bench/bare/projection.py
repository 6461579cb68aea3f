"""The least that a projecting consumer can be: getmany, msgspec, one upsert, the offsets in the same transaction.

It trusts Kafka to deliver each record once and in order, checks nothing, and dies of the first record that it can't read.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer

from shared.db import Connection

BATCH = 5000
OFFSETS = """
insert into bench_offset (reader, partition, next) select $1, * from unnest($2::int[], $3::bigint[])
on conflict (reader, partition) do update set next = excluded.next
"""


class Body(msgspec.Struct, gc=False):
    """What the projections need of any event of a place."""

    place_id: str
    unit_id: str = ""
    class_id: str = ""
    selected_at: datetime | None = None
    registered_at: datetime | None = None
    completed_at: datetime | None = None


Project = Callable[[Connection, Sequence[tuple[str, Body]]], Awaitable[None]]
body_of = msgspec.json.Decoder(Body).decode


async def consume(con: Connection, kafka: str, topic: str, reader: str, project: Project, count: int) -> float:
    """Seconds from the first batch that is there to the commit of the last."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka, group_id=reader, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        read, started = 0, 0.0
        while read < count:
            batch = await consumer.getmany(timeout_ms=300, max_records=BATCH)
            started = started or (time.perf_counter() if batch else 0.0)
            if batch:
                read += await _apply(con, batch, reader, project)
        return time.perf_counter() - started
    finally:
        await consumer.stop()


async def _apply(con: Connection, batch: Any, reader: str, project: Project) -> int:
    events = [(dict(r.headers)["ce_type"].decode(), body_of(r.value)) for records in batch.values() for r in records]
    nexts = {tp.partition: records[-1].offset + 1 for tp, records in batch.items()}
    async with con.transaction():
        await project(con, events)
        await con.execute(OFFSETS, reader, list(nexts), list(nexts.values()))
    return len(events)
