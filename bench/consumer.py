"""Consuming with a projection: the services' consumer in its FastStream shell against bare aiokafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import asyncpg

from bench.bare.projection import consume
from bench.events import STEPS, Cohort, fill_outbox
from bench.measure import Case, Comparison, Findings, require, rounds, until
from bench.projections import EMPTY, PROJECTIONS, RESULTS, TABLES
from bench.world import Where, World, connected
from shared.consumer import Consumer
from shared.consumer.records import Record
from shared.db import Connection, Database
from shared.envelope import Received
from shared.events.enrolment import PlaceEvent
from shared.relay import Relay
from shared.subscriber import Subscription

EVENTS = 48_000


class Timed(Consumer):
    """The consumer as it is, and when its first batch was there."""

    started = 0.0

    async def __call__(self, records: Sequence[Record]) -> None:
        self.started = self.started or time.perf_counter()
        await super().__call__(records)


@dataclass
class Rig:
    """A topic with events, and a database to project them into."""

    kafka: str
    prefix: str
    con: asyncpg.Connection
    owner: asyncpg.Connection
    db: Database
    results: dict[str, list[object]] = field(default_factory=dict)
    readers: "count[int]" = field(default_factory=count)

    async def shipei(self, projection: str) -> float:
        """Events per second of the services' consumer, from its first batch to its last commit."""
        await self.owner.execute(EMPTY)
        done = asyncio.Event()

        async def effect(con: Connection, events: Sequence[Received]) -> None:
            await PROJECTIONS[projection](con, [(r.envelope.type, r.event) for r in events])

        def look() -> None:
            if consumer.counts["applied"] >= EVENTS:
                done.set()

        name = f"bench-{next(self.readers)}"
        consumer = Timed(name, [PlaceEvent.topic], self.db, effect, on_effect=look)
        async with Subscription(consumer, Where(self.kafka, self.prefix)):
            await asyncio.wait_for(done.wait(), 120)
            seconds = time.perf_counter() - consumer.started
        await self._compare(projection)
        return EVENTS / seconds

    async def bare(self, projection: str) -> float:
        """Events per second of the bare consumer, over the same span."""
        await self.owner.execute(EMPTY)
        reader, topic = f"bare-{next(self.readers)}", self.prefix + PlaceEvent.topic
        seconds = await consume(self.con, self.kafka, topic, reader, PROJECTIONS[projection], EVENTS)
        await self._compare(projection)
        return EVENTS / seconds

    async def _compare(self, projection: str) -> None:
        """Every run of either consumer leaves the same rows."""
        found = tuple(await self.con.fetchrow(RESULTS[projection]))
        self.results.setdefault(projection, []).append(found)
        require(found, self.results[projection][0], f"rows of the projection {projection}")
        require(found[0], EVENTS if projection == "counts" else EVENTS // STEPS, f"size of the projection {projection}")


@asynccontextmanager
async def make_rig(world: World) -> AsyncIterator[Rig]:
    dsns, prefix = await world.database("reporting"), await world.topics()
    async with AsyncExitStack() as stack:
        con = await stack.enter_async_context(connected(dsns.writer))
        owner = await stack.enter_async_context(connected(dsns.owner))
        db = await stack.enter_async_context(Database(dsns.writer, dsns.reader))
        await owner.execute(TABLES)
        await fill_outbox(con, Cohort(EVENTS // STEPS).events())
        async with Relay(dsns.writer, world.kafka, prefix, "bench") as relay:
            await until(lambda: relay.leading, "the relay's lead")  # leaving it then sends everything
        require(relay.sent, EVENTS, "events produced")
        yield Rig(world.kafka, prefix, con, owner, db)


async def run(world: World) -> Findings:
    """The suite."""
    cases: dict[str, Case] = {}
    async with make_rig(world) as rig:
        for projection in PROJECTIONS:
            cases[f"shipei-{projection}"] = partial(rig.shipei, projection)
            cases[f"bare-{projection}"] = partial(rig.bare, projection)
        figures = await rounds(cases)
    return Findings(
        [
            Comparison(f"consumer-{p}", "events/s", figures[f"shipei-{p}"], figures[f"bare-{p}"], 0.5)
            for p in PROJECTIONS
        ]
    )
