"""What the story's system has to bear while the story is told: each service dies, older copies of two databases are put back, everything is read again.

The older copies are put back while their services run: connections end, the databases are swapped, nothing is restarted.
The reading again is a restart with the offsets removed. What was seen is kept for the tests, which judge it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Final

import asyncpg
import httpx

from deploy.demo import bans, rural, stranger
from deploy.demo.run import Place
from deploy.demo.stage import Stage
from deploy.local.paths import SERVICES
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from deploy.operations import history
from tests.support import restoring, snapshots

RESTORED: Final = ("reporting", "blacklist")
PATIENCE: Final = 300  # s; a running consumer compares its position with PostgreSQL every 30 s and acts the second time


@dataclass(frozen=True)
class Held:
    """What the system holds: a digest of each table by service, and how many messages the receivers have."""

    tables: Mapping[str, Mapping[str, str]]
    messages: int


@dataclass
class Seen:
    """What was seen on the way: `restarts` are (service, simulated instant before, after), `processes` are ids by service."""

    restarts: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    processes: dict[str, dict[str, int]] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass
class Trials:
    """Done to a stack between two chapters; leaves the system at rest."""

    servers: Servers
    stack: Stack
    stage: Stage
    place: Place
    seen: Seen = field(default_factory=Seen)
    older: dict[str, str] = field(default_factory=dict)

    async def kill(self, name: str) -> None:
        """kill -9 and start again: the simulated instant must be what it was."""
        before = await self.stage.stepper.now()
        await self.stack.kill9(name)
        await self.stack.start(name)
        headers = {"authorization": f"Bearer {self.stack.service_token}"}
        state = await self.stage.http.get(f"{self.place.services[name]}/_time", headers=headers)
        self.seen.restarts.append((name, before, datetime.fromisoformat(state.json()["now"])))

    async def copy(self) -> None:
        """The older copies, for later."""
        await self.stage.stepper.settle()
        self.older = {s: await restoring.copy(self.servers, self.stack.dsns[s]) for s in RESTORED}
        await self._calm()

    async def restore(self) -> None:
        """The older copies instead of the databases; they catch up, also with what was decided since."""
        await self.stage.stepper.settle()
        now = await self.stage.stepper.now()
        await self._note("before the restore")
        for name in RESTORED:
            await restoring.put_back(self.servers, self.stack.dsns[name], self.older[name])
            # simulated time is in the database and stays where it is, as real time would
            await self._execute(name, "update business_clock set instant = $1", now)
        await self._note("restored")
        await self._calm()
        await self._note("caught up")

    async def read_again(self) -> None:
        """Every consumer reads from the beginning: stopped, its offsets removed, started again."""
        await self.stage.stepper.settle()
        await self._note("told")
        self.seen.records = await self._records()
        for name in SERVICES:
            await self.stack.kill9(name)
            await history.forget_offsets(self.stack.dsns[name].owner)
            await self.stack.start(name)
        await self.stage.stepper.settle()
        self.seen.counted = {s: await self._counted(s) for s in SERVICES}
        await self._note("read again")

    async def _note(self, moment: str) -> None:
        answer = await self.stage.http.get(f"{self.place.sink}/messages.json")
        self.seen.held[moment] = Held(await self._tables(), len(answer.json()["messages"]))
        running = [s for s in SERVICES if self.stack.supervisor.running(s)]
        self.seen.processes[moment] = {s: self.stack.supervisor.pid(s) for s in running}

    async def _tables(self) -> dict[str, dict[str, str]]:
        return {s: await snapshots.digests(self.stack.dsns[s].owner) for s in SERVICES}

    async def _calm(self) -> None:
        """At rest again; a service that has just lost its connections answers 503 for a moment."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                await self.stage.stepper.settle()
            except httpx.HTTPStatusError as error:
                if not error.response.is_server_error or time.monotonic() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(0.2)

    async def _execute(self, name: str, statement: str, *arguments: object) -> None:
        con = await asyncpg.connect(self.stack.dsns[name].owner)
        try:
            await con.execute(statement, *arguments)
        finally:
            await con.close()

    async def _counted(self, name: str) -> dict[str, int]:
        """What the consumer of a running process has counted since the process began."""
        text = (await self.stage.http.get(f"{self.place.services[name]}/metrics")).raise_for_status().text
        lines = [line.split() for line in text.splitlines() if line.startswith("shipei_consumer_")]
        return {line[0].partition("{")[0].removeprefix("shipei_consumer_"): int(float(line[1])) for line in lines}

    async def _records(self) -> dict[str, int]:
        """How many records lie in the topics that each service consumes."""
        prefix = self.place.topic_prefix
        records = Counter(r.topic.removeprefix(prefix) for r in await stranger.read(self.place.kafka, prefix))
        return {s: sum(records[t] for t in import_module(f"services.{s}.subscribers").TOPICS) for s in SERVICES}


async def _restore_and_kill_the_record(trials: Trials) -> None:
    await trials.restore()
    await trials.kill("blacklist")


async def _kill_the_tables_and_copy(trials: Trials) -> None:
    await trials.kill("reporting")
    await trials.copy()


AFTER: dict[Any, Callable[[Trials], Awaitable[None]]] = {
    rural.import_roster: lambda t: t.kill("enrolment"),
    rural.open_class: lambda t: t.kill("notify"),
    rural.move_class: _kill_the_tables_and_copy,
    bans.confirm_bans: _restore_and_kill_the_record,
}
