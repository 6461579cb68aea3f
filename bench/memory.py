"""Resident memory of each process of the running system, idle and after the first chapters of the demonstration."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.measure import Aside, Findings
from bench.world import World
from deploy.demo.run import stepper_of
from deploy.demo.stage import START, Stage
from deploy.demo.story import CHAPTERS
from deploy.local import keys, provision
from deploy.local.host import Host
from deploy.local.paths import SERVICES
from deploy.local.running import demo_place, supervised
from deploy.local.servers import Servers
from deploy.local.stack import Plan, Stack, new_ports
from shared.client import client

UNIT = 1_000_000
LOAD = 4  # chapters: the year is published, quota passed down, a roster imported, people register


def memory(stack: Stack) -> dict[str, float]:
    """MB of each process with its children."""
    return {name: _resident(stack.supervisor.pid(name)) / UNIT for name in stack.urls}


def _resident(pid: int) -> int:
    process = psutil.Process(pid)
    return sum(int(p.memory_info().rss) for p in [process, *process.children(recursive=True)])


async def play(stack: Stack) -> None:
    """A small load through the public surface."""
    place = demo_place(stack)
    async with client(60) as http:
        stage = Stage(http, place.gateway, stepper_of(place, http), place.accounts)
        for _, chapter in CHAPTERS[:LOAD]:
            await chapter(stage)
        await stage.stepper.settle()


@asynccontextmanager
async def make_stack(world: World) -> AsyncIterator[Stack]:
    prefix = await world.topics()
    with tempfile.TemporaryDirectory(prefix="shipei-bench-") as name:
        folder = Path(name)
        (folder / "logs").mkdir()
        dsns = {service: await world.database(service) for service in SERVICES}
        provision.introduce_accounts(folder)
        servers = Servers(world.admin, world.kafka, Host(folder))
        plan = Plan(folder, servers, dsns, prefix, keys.provide(folder), new_ports(), START)
        async with supervised(plan, restarts=False) as stack:
            yield stack


async def run(world: World) -> Findings:
    """The suite."""
    async with make_stack(world) as stack:
        idle = memory(stack)
        await play(stack)
        loaded = memory(stack)
    found = {"memory-idle": idle, "memory-loaded": loaded}
    return Findings(
        [], [Aside(key, "MB", [mb], name) for key, figures in found.items() for name, mb in figures.items()]
    )
