"""Draining an outbox: the services' relay against a bare one, and against publishing row by row."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaBroker

from bench.bare.relay import Batches, Publishing, drain
from bench.events import STEPS, Cohort, fill_outbox
from bench.measure import Comparison, Findings, require, rounds, until
from bench.world import World, connected
from deploy.local.databases import Dsns
from shared.events.enrolment import PlaceEvent
from shared.relay import Relay

ROWS, FEW = 24_000, 2_000
COLUMNS = ("topic", "key", "headers", "payload")


@dataclass
class Rig:
    """An outbox, the rows that it is filled with before each case, and the clients of the bare versions."""

    dsns: Dsns
    kafka: str
    prefix: str
    con: asyncpg.Connection
    owner: asyncpg.Connection
    producer: AIOKafkaProducer
    broker: KafkaBroker
    rows: list[Any]

    @property
    def topic(self) -> str:
        return self.prefix + PlaceEvent.topic

    async def relay(self) -> float:
        """Rows per second of the relay, from a full outbox to an empty one."""
        async with Relay(self.dsns.writer, self.kafka, self.prefix, "bench", poll=60) as relay:
            await self._fill(1)
            relay.wake()
            await until(lambda: relay.sent == 1, "the relay's first row")
            await self._fill(ROWS)
            started = time.perf_counter()  # leaving the relay drains the outbox, then closes its connections
        seconds = time.perf_counter() - started
        require(relay.sent, ROWS + 1, "rows sent by the relay")
        return ROWS / seconds

    async def batches(self) -> float:
        """Rows per second of the bare relay."""
        partitions = tuple(sorted(await self.producer.partitions_for(self.topic)))
        return await self._bare(Batches(self.producer, self.topic, partitions), ROWS)

    async def publishing(self) -> float:
        """Rows per second of the publish loop."""
        return await self._bare(Publishing(self.broker, self.topic), FEW)

    async def _bare(self, send: Any, count: int) -> float:
        await self._fill(count)
        started = time.perf_counter()
        sent = await drain(self.con, send)
        seconds = time.perf_counter() - started
        require(sent, count, "rows sent by the bare relay")
        return count / seconds

    async def _fill(self, count: int) -> None:
        require(await self.con.fetchval("select count(*) from outbox"), 0, "rows left in the outbox")
        await self.owner.execute("truncate outbox")  # no case pays for the dead rows of another
        await self.con.copy_records_to_table("outbox", records=self.rows[:count], columns=COLUMNS)


@asynccontextmanager
async def make_rig(world: World) -> AsyncIterator[Rig]:
    dsns, prefix = await world.database("enrolment"), await world.topics()
    async with AsyncExitStack() as stack:
        con = await stack.enter_async_context(connected(dsns.writer))
        owner = await stack.enter_async_context(connected(dsns.owner))
        producer = AIOKafkaProducer(bootstrap_servers=world.kafka, enable_idempotence=True, max_batch_size=1_000_000)
        broker = KafkaBroker(world.kafka, logger=None, enable_idempotence=True)
        for client in (producer, broker):
            await client.start()
            stack.push_async_callback(client.stop)
        await fill_outbox(con, Cohort(ROWS // STEPS).events())
        rows = [tuple(r) for r in await con.fetch(f"select {', '.join(COLUMNS)} from outbox order by seq")]
        await con.execute("delete from outbox")
        yield Rig(dsns, world.kafka, prefix, con, owner, producer, broker, rows)


async def run(world: World) -> Findings:
    """The suite."""
    async with make_rig(world) as rig:
        cases = {"relay": rig.relay, "batches": rig.batches, "publishing": rig.publishing}
        figures = await rounds(cases)
    return Findings(
        [
            Comparison("relay-batches", "rows/s", figures["relay"], figures["batches"], 0.5),
            Comparison("relay-publishing", "rows/s", figures["relay"], figures["publishing"], 10),
        ]
    )
