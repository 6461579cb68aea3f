"""The restore drill: back up under load, lose the data, restore, and compare with what was accepted (docs/operations/backup.md).

A stack of its own in `.shipei/run/drill`, with the demonstration's year on simulated time. Three losses, one after the other:
the server's data with the log at hand, two projections that come back from older dumps, and all but the base backup.
"""

from collections.abc import AsyncIterator, Sized
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from deploy.demo import roster, rural
from deploy.demo.ledger import Ledger
from deploy.demo.run import stepper_of
from deploy.demo.stage import COHORT, POLICIES, START, XLSX, YEAR, Stage, at
from deploy.local import kafka, provision, servers
from deploy.local.host import Host
from deploy.local.interrupt import interruptible
from deploy.local.paths import STATE
from deploy.local.ports import free_port
from deploy.local.running import demo_place, supervised
from deploy.local.runs import claim
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from deploy.local.together import together
from deploy.operations import figures
from deploy.operations.cluster import Cluster
from deploy.operations.load import Load
from deploy.operations.losses import Losses, tell
from shared.client import client

TEACHERS: Final = 1500
PATIENCE: Final = 300.0  # s
SHORT: Final = 4  # values that are longer are shown by their length


def run() -> int:
    """`make drill`: 0 only if everything that was compared is equal."""
    with claim("drill") as folder:
        return interruptible(_run(folder, kafka.command()))


async def _run(folder: Path, command: list[str]) -> int:
    ledger = await drill(folder, command)
    ledger.write(STATE / "drill.json")
    return show(ledger)


async def drill(folder: Path, command: list[str]) -> Ledger:
    """All three losses; the account of what was compared. ``command`` starts Kafka."""
    async with staged(folder, command) as (cluster, stack), client(60) as http:
        place = demo_place(stack)
        stage = Stage(http, place.gateway, stepper_of(place, http, PATIENCE), place.accounts)
        await prepare(stage)
        places = sorted(await figures.column(stack.dsns["enrolment"], figures.Q.places))
        losses = Losses(cluster, stack, stage, Load(await stage.as_("school"), places))
        await losses.the_data_directory()
        await losses.two_projections()
        await losses.the_log_as_well()
    return losses.ledger


@asynccontextmanager
async def staged(folder: Path, command: list[str]) -> AsyncIterator[tuple[Cluster, Stack]]:
    """Servers with backup and log, and the system on them; nothing is left of an earlier drill."""
    servers.forget(folder)
    host = Host(folder)
    try:
        cluster = Cluster(host)
        dsn, address = await together(cluster.start(), kafka.start(host, command))
        plan = await provision.anew(folder, Servers(dsn, address, host), free_port(), START)
        async with supervised(plan, restarts=False) as stack:
            yield cluster, stack
    finally:
        await host.close()


async def prepare(stage: Stage) -> None:
    """The year, and so many teachers with a place each."""
    text = (POLICIES / f"{YEAR}.yaml").read_text()
    enlarged = text.replace("total: 20,", f"total: {TEACHERS},").replace('"410100": 20', f'"410100": {TEACHERS}')
    await rural.publish(stage, enlarged)
    await rural.pass_quota_down(stage, places=TEACHERS)
    await stage.stepper.to(at(7, 20))
    book = roster.workbook(roster.teachers(TEACHERS), bad=False)
    path = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/imports"
    await (await stage.as_("county")).upload(path, "roster.xlsx", book, XLSX)
    await stage.stepper.settle()


def show(ledger: Ledger) -> int:
    """The table of what was compared; 0 only if everything holds."""
    for check in ledger.checks:
        print(f"{'=' if check.holds else '≠'}  {check.name}: {brief(check.expected)} | {brief(check.actual)}")
    tell("holds" if ledger.holds else "differs", wrong=sum(not c.holds for c in ledger.checks))
    return 0 if ledger.holds else 1


def brief(value: object) -> str:
    """A long list or table by its length."""
    return f"({len(value)})" if isinstance(value, Sized) and len(value) > SHORT else str(value)
