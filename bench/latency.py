"""From a command's first line to the consumer's commit, at 100 commands per second: wake-up against polling."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles
from typing import Any

from bench.events import CONTEXT, Ids
from bench.measure import Aside, Comparison, Findings, require, rounds, until
from bench.projections import TABLES
from bench.world import World, connected
from deploy.local.databases import Dsns
from deploy.local.paths import ROOT
from shared.db import Database
from shared.events.enrolment import TraineeRegistered
from shared.outbox import Entry, append
from shared.relay import Relay

RATE, SECONDS = 100, 3
POLLING = 0.05  # s
COMMAND = "insert into bench_command (place_id, registered_at) values ($1, $2)"
OWN_TABLE = """
create table bench_command (place_id text primary key, registered_at timestamptz not null);
grant select, insert on bench_command to reporting_writer;
"""


@dataclass
class Rig:
    """The commands' side; the consumer listens in another process."""

    dsns: Dsns
    kafka: str
    prefix: str
    db: Database
    listener: asyncio.subprocess.Process
    ids: Ids = field(default_factory=lambda: Ids(3))
    slowest: dict[str, list[float]] = field(default_factory=dict)

    async def case(self, name: str, poll: float, *, wake: bool) -> float:
        """The median in ms."""
        async with Relay(self.dsns.writer, self.kafka, self.prefix, "bench", poll=poll) as relay:
            await self._command(relay, wake=True)
            await until(lambda: relay.sent == 1, "the relay's first row")
            await self._listened(1)
            await self._commands(relay, wake=wake)
            found = await self._listened(RATE * SECONDS)
        cuts = quantiles(found, n=100)
        self.slowest.setdefault(name, []).append(cuts[98])
        return cuts[49]

    async def _commands(self, relay: Relay, *, wake: bool) -> None:
        """An open loop: a slow command does not hold up the next."""
        started, running = time.perf_counter(), []
        for number in range(RATE * SECONDS):
            await asyncio.sleep(started + number / RATE - time.perf_counter())
            running.append(asyncio.create_task(self._command(relay, wake=wake)))
        await asyncio.gather(*running)

    async def _command(self, relay: Relay, *, wake: bool) -> None:
        now = datetime.now(UTC)
        place, person = self.ids(), self.ids()
        event = TraineeRegistered(place_id=place, person_id=person, registered_at=now)
        async with self.db.write() as con:
            await con.execute(COMMAND, place, now)
            await append(con, replace(CONTEXT, now=now), [Entry(1, event)])
        if wake:
            relay.wake()

    async def _listened(self, count: int) -> list[float]:
        assert self.listener.stdin
        self.listener.stdin.write(f"{count}\n".encode())
        found = json.loads(await _line(self.listener))
        require(len(found), count, "events committed by the consumer")
        return [float(ms) for ms in found]


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), 90)
    if not line:
        raise RuntimeError("the listening process has ended")
    return line


@asynccontextmanager
async def listening(**where: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The other process, ready; it ends with its input."""
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.listener", stdin=pipe, stdout=pipe, cwd=ROOT, limit=1 << 20
    )
    assert process.stdin
    try:
        process.stdin.write(json.dumps(where).encode() + b"\n")
        require((await _line(process)).strip(), b"ready", "first word of the listening process")
        yield process
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def make_rig(world: World) -> AsyncIterator[Rig]:
    dsns, prefix = await world.database("reporting"), await world.topics()
    place: dict[str, Any] = {"writer": dsns.writer, "reader": dsns.reader, "kafka": world.kafka, "prefix": prefix}
    async with connected(dsns.owner) as owner:
        await owner.execute(TABLES + OWN_TABLE)
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database(dsns.writer, dsns.reader))
        listener = await stack.enter_async_context(listening(**place))
        yield Rig(dsns, world.kafka, prefix, db, listener)


async def run(world: World) -> Findings:
    """The suite."""
    async with make_rig(world) as rig:
        woken = partial(rig.case, "woken", 0.5, wake=True)
        polling = partial(rig.case, "polling", POLLING, wake=False)
        figures = await rounds({"woken": woken, "polling": polling})
        slowest = {name: found[1:] for name, found in rig.slowest.items()}  # the first round warms up
    return Findings(
        [Comparison("latency", "ms", figures["woken"], figures["polling"], 0.4, at_most=True)],
        [Aside(f"latency-{name}-p99", "ms", found) for name, found in slowest.items()],
    )
