"""Plays inside the network of containers: ``python -m tests.support.contained story|kept|load``. The last line of its output is JSON.

``story``: the demonstration's story with all its checks. ``kept``: what the databases hold. ``load``: rosters and classes keep coming until SIGTERM; then the
driver's ledger is compared with every part of the system.
"""

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from deploy.containers.environment import KEYS
from deploy.containers.steps import ACCOUNTS
from deploy.demo import roster, run
from deploy.demo.checks import examine
from deploy.demo.client import Api
from deploy.demo.run import Place, stepper_of
from deploy.demo.stage import DISMISSED, Stage
from deploy.demo.story import CHAPTERS, play
from deploy.local.paths import SERVICES
from shared.client import client
from tests.support.driver import Accepted, import_people, import_until, list_places, open_until, portions, prepare
from tests.support.oracle import judge, rows

GATEWAY: Final = "http://gateway:8000"
PATIENCE: Final = 600  # s; the machine may have other work
PEOPLE, FIRST, SMALL = 2_000, 600, 3  # of the people, so many are there before the load; then in groups
CLASSES: Final = 90  # a class's number has two digits; rosters go on after them


def place() -> Place:
    """Everything through the gateway; databases and Kafka are for comparing alone."""
    return Place(
        gateway=GATEWAY,
        services={name: f"{GATEWAY}/{name}" for name in SERVICES},
        sink=f"{GATEWAY}/sink",
        service_token=(KEYS / "all" / "SHIPEI_SERVICE_TOKEN").read_text(),
        accounts=ACCOUNTS,
        databases={name: (KEYS / name / "SHIPEI_DSN_WRITER").read_text() for name in SERVICES},
        kafka=os.environ["SHIPEI_KAFKA"],
        topic_prefix="",
        report=Path("/tmp/demo.json"),  # noqa: S108 - the container's own, and all of it that can be written to
    )


async def story() -> dict[str, Any]:
    """The story's checks, and how many lines of each container's log they have looked through."""
    here, started = place(), time.monotonic()
    async with client(PATIENCE) as http:
        stage = Stage(http, GATEWAY, stepper_of(here, http, PATIENCE), ACCOUNTS)
        await play(stage, CHAPTERS, run.Teller(started, len(CHAPTERS)))
        ledger = await examine(stage, run.sources_of(here))
        nameless = await unnamed(stage)
    logs = (ACCOUNTS.parent / "logs").glob("*.log")
    lines = Counter(line.partition("|")[0].strip() for log in logs for line in log.read_text().splitlines())
    failed = [asdict(check) for check in ledger.checks if not check.holds]
    seconds = round(time.monotonic() - started, 1)
    return {"checks": len(ledger.checks), "failed": failed, "unnamed": nameless, "seconds": seconds, "lines": lines}


async def unnamed(stage: Stage) -> list[str]:
    """The pages whose heading lacks the one they are about: notify and blacklist ask enrolment for a name, and do without when that fails."""
    person = stage.places[DISMISSED]["person_id"]
    province = await stage.as_("province")
    name = (await province.post("/enrolment/people/names", {"ids": [person]}))["names"][person]["name"]
    pages = (f"/notify/ledger?person={person}", f"/blacklist/cases/{stage.found['appealed']}")
    return [page for page in pages if name not in heading(await province.content(page))]


def heading(page: bytes) -> str:
    (found,) = re.findall(r"<h1.*?</h1>", page.decode(), re.DOTALL)
    return str(found)


@dataclass
class SignedIn(Stage):
    """Signs each account in once: the gateway is one of those that are killed."""

    known: dict[str, Api] = field(default_factory=dict)

    async def as_(self, account: str) -> Api:
        if account not in self.known:
            self.known[account] = await super().as_(account)
        return self.known[account]


async def kept() -> dict[str, int]:
    """How many places the two services hold that know places."""
    count = "select count(*) from place"
    return {s: (await rows(place().databases[s], count))[0][0] for s in ("enrolment", "reporting")}


async def load() -> dict[str, Any]:
    """What was accepted, when (machine clock, s), and what is wrong with it."""
    here, ledger, over = place(), Accepted(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    people = list({t.id_number: t for t in roster.teachers(PEOPLE)}.values())
    async with client(PATIENCE) as http:
        stage = SignedIn(http, GATEWAY, stepper_of(here, http, PATIENCE), ACCOUNTS)
        await prepare(stage, len(people))
        await import_people(stage, ledger, people[:FIRST])
        waiting = await list_places(stage, ledger)
        await stage.as_("institution")
        print("loading", flush=True)
        await asyncio.gather(
            open_until(over, stage, ledger, portions(waiting, SMALL)[:CLASSES]),
            import_until(over, stage, ledger, portions(people[FIRST:], SMALL)),
        )
        await stage.stepper.settle()
        await list_places(stage, ledger)
        verdict = await judge(here, ledger)
    return {"answers": ledger.answers, "wrong": verdict.wrong, "counted": verdict.counted}


if __name__ == "__main__":
    print(json.dumps(asyncio.run({"story": story, "kept": kept, "load": load}[sys.argv[1]]()), default=str), flush=True)
