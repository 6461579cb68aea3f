"""The three losses of the drill, and what is compared after each."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploy.demo.ledger import Ledger
from deploy.demo.stage import Stage
from deploy.local import databases
from deploy.local.paths import SERVICES
from deploy.local.say import sentence
from deploy.local.stack import Stack
from deploy.local.together import together
from deploy.operations import figures, history
from deploy.operations.cluster import Cluster
from deploy.operations.load import Load, register

BEFORE, DURING, AFTER, AGAIN = 100, 10, 150, 50  # accepted commands that each part of the load waits for
OLDER: Final = ("reporting", "blacklist")  # they read, and what they decide comes back from their own topic
NEW_HISTORY: Final = "drill2."


def tell(key: str, **variables: object) -> None:
    """A line of progress, with the machine's time."""
    print(f"{datetime.now(UTC):%H:%M:%S}  {sentence('drill.' + key, **variables)}", flush=True)


@dataclass
class Losses:
    """Where the drill has got to."""

    cluster: Cluster
    stack: Stack
    stage: Stage
    load: Load
    ledger: Ledger = field(default_factory=Ledger)
    dumps: dict[str, Path] = field(default_factory=dict)

    async def the_data_directory(self) -> None:
        """Backed up under load, lost in the middle of it; services and load go on through the restore."""
        pids = self._processes()
        await together(self.load.run(), self._lose_under_load())
        await self.compare("log kept", self.stack.topic_prefix)
        self.ledger.add("log kept: the same processes", pids, self._processes(), "supervisor")
        self.ledger.add("log kept: messages received twice", 0, await figures.doubled(self.stack.sink), "sink")

    async def _lose_under_load(self) -> None:
        await self.load.more(BEFORE)
        before = len(self.load.accepted)
        await together(self.cluster.base_backup(), self.load.more(DURING))
        tell("backed_up", before=before, during=len(self.load.accepted) - before)
        self.dumps = {s: await self.cluster.dump(self.stack.dsns[s].name) for s in OLDER}
        await self.load.more(AFTER)
        accepted, log = len(self.load.accepted), self.cluster.archive
        await self.cluster.lose()
        tell("lost", accepted=accepted)
        await self.cluster.restore(log)
        tell("restored")
        await self.load.more(AGAIN)
        self.load.stop()

    async def two_projections(self) -> None:
        """Their databases come back from dumps that are older than the topics, and catch up."""
        newer = {s: await figures.digests(self.stack.dsns[s]) for s in OLDER}
        for service in OLDER:
            await self._put_back(service)
            older = await figures.digests(self.stack.dsns[service]) != newer[service]
            self.ledger.add(f"dump: {service} is older", expected=True, actual=older, source=service)
            await self.stack.start(service)
        await self.stage.stepper.settle()
        for service in OLDER:
            caught_up = await figures.digests(self.stack.dsns[service])
            self.ledger.add(f"dump: tables of {service}", newer[service], caught_up, service)

    async def _put_back(self, service: str) -> None:
        name = self.stack.dsns[service].name
        await self.stack.stop(service)
        await databases.drop(self.cluster.dsn, name)
        await databases.create(self.cluster.dsn, service, name)
        await self.cluster.load(name, self.dumps[service])

    async def the_log_as_well(self) -> None:
        """Only the base backup is left: a new history begins with what it knows, and the lost commands are entered again."""
        for service in SERVICES:
            await self.stack.stop(service)
        await self.cluster.lose()
        await self.cluster.restore(None)
        lost = await self._begin_new_history()
        await together(*(self.stack.start(s, SHIPEI_TOPIC_PREFIX=NEW_HISTORY) for s in SERVICES))
        await self.stage.stepper.settle()
        for place in lost:
            await register(self.load.school, place)
        await self.compare("log lost, commands entered again", NEW_HISTORY)

    async def _begin_new_history(self) -> list[str]:
        """Carry over the events that the databases know; gives the places whose registration is lost."""
        dsns, kafka = self.stack.dsns, self.stack.kafka
        versions = await history.known({s: dsns[s].writer for s in history.PRODUCERS})
        records = await history.read(kafka, self.stack.topic_prefix)
        lost = sorted({r["stream"] for r in history.unknown(records, versions)})
        missing = sorted(set(self.load.accepted) - await figures.column(dsns["enrolment"], figures.Q.registered))
        self.ledger.add("log lost: commands that are gone, as the topics tell them", missing, lost, "topics")
        self.ledger.add("log lost: something is gone", expected=True, actual=bool(missing), source="enrolment")
        tell("carried", records=await history.carry(kafka, NEW_HISTORY, records, versions), lost=len(lost))
        for service in SERVICES:
            await history.forget_offsets(dsns[service].owner)
        return lost

    async def compare(self, when: str, prefix: str) -> None:
        """At rest: the load's own account against every witness."""
        await self.stage.stepper.settle()
        figures.compare(
            self.ledger, when, self.load.accepted, await figures.take(self.stack.dsns, self.stack.kafka, prefix)
        )

    def _processes(self) -> list[int]:
        return [self.stack.supervisor.pid(s) for s in SERVICES if self.stack.supervisor.running(s)]
