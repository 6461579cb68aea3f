"""The consuming side of the latency suite, a process of its own as in a deployment.

``python -m bench.listener``: reads ``SHIPEI_*`` of the place from one JSON line of its standard input, answers ``ready``; then for each
line with a number answers, once so many events are committed, the milliseconds from each command's first line to that commit.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uvloop

from bench.measure import until
from bench.projections import keep_places
from bench.quietly import quiet
from bench.world import Where
from shared.consumer import Consumer
from shared.db import Connection, Database
from shared.envelope import Received
from shared.events.enrolment import PlaceEvent
from shared.subscriber import Subscription


@dataclass
class Watch:
    """An effect, and when what it did was committed."""

    latencies: list[float] = field(default_factory=list)
    uncommitted: list[datetime] = field(default_factory=list)
    wanted: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def effect(self, con: Connection, events: Sequence[Received]) -> None:
        self.uncommitted = [r.now for r in events]
        await keep_places(con, [(r.envelope.type, r.event) for r in events])

    def committed(self) -> None:
        now = datetime.now(UTC)
        self.latencies += [(now - then).total_seconds() * 1000 for then in self.uncommitted]
        if len(self.latencies) >= self.wanted:
            self.done.set()

    async def take(self, count: int) -> list[float]:
        """The next ``count`` latencies."""
        self.wanted = count
        if len(self.latencies) < count:
            self.done.clear()
            await asyncio.wait_for(self.done.wait(), 60)
        taken, self.latencies = self.latencies[:count], self.latencies[count:]
        return taken


async def main() -> None:
    """Serve until the input ends."""
    quiet()
    where = json.loads(sys.stdin.readline())
    watch = Watch()
    async with Database(where["writer"], where["reader"]) as db:
        consumer = Consumer("bench-latency", [PlaceEvent.topic], db, watch.effect, on_effect=watch.committed)
        async with Subscription(consumer, Where(where["kafka"], where["prefix"])):
            await until(lambda: consumer.ready, "the consumer's partitions")
            print("ready", flush=True)
            while line := await asyncio.to_thread(sys.stdin.readline):
                print(json.dumps(await watch.take(int(line))), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
