"""`up` and `demo`: servers, stack and supervisor, from the first line in the terminal to the last process stopped."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local import logs, provision, servers
from deploy.local.child import Launch, Listener, execute, silent
from deploy.local.interrupt import interruptible, until_told
from deploy.local.paths import SERVICES, STATE
from deploy.local.ports import wanted_port
from deploy.local.runs import claim
from deploy.local.say import Trouble, say
from deploy.local.stack import Plan, Stack, accounts, programs
from deploy.local.supervisor import Supervisor

if TYPE_CHECKING:
    from deploy.demo.run import Place

GATEWAY_PORT = "SHIPEI_GATEWAY_PORT"


def show(name: str, line: str) -> None:
    """Prints a program's line as a person reads it."""
    print(logs.coloured(name, line), file=sys.stderr, flush=True)


@asynccontextmanager
async def supervised(
    plan: Plan, listener: Listener = silent, launch: Launch = execute, *, restarts: bool
) -> AsyncIterator[Stack]:
    """The plan's processes, all ready; stopped when the context ends."""
    supervisor = Supervisor(plan.folder, programs(plan), listener, launch, restarts=restarts)
    try:
        await supervisor.start_all()
        half = plan.folder / "addresses.half"
        half.write_text(json.dumps(Stack(plan, supervisor).urls, indent=1))
        half.replace(plan.folder / "addresses.json")
        yield Stack(plan, supervisor)
    finally:
        await supervisor.close()
        (plan.folder / "addresses.json").unlink(missing_ok=True)


def up() -> int:
    """Runs the system in real time until it is told to stop; its data stay."""
    port = wanted_port(GATEWAY_PORT)
    with claim("up") as folder:
        command = servers.prepare()
        return interruptible(_up(folder, command, port))


async def _up(folder: Path, command: list[str], port: int) -> int:
    async with servers.provide(folder, command, durable=True) as provided:
        plan = await provision.kept(folder, provided, port)
        async with supervised(plan, show, restarts=True) as stack:
            say("ready", address=stack.gateway)
            await until_told(provided.one_failed())
    return 0


def demo(*, once: bool, broken: str | None, crowd: bool) -> int:
    """Plays the story in a new stack with simulated time; then leaves it running, or ends when `once`.

    Raises Trouble, before anything starts, when `broken` names no check.
    """
    known(broken)
    port = wanted_port(GATEWAY_PORT)
    with claim("demo") as folder:
        command = servers.prepare()
        return interruptible(_demo(folder, command, port, once=once, broken=broken, crowd=crowd))


def known(broken: str | None) -> None:
    from deploy.demo.spoils import SPOILS

    if broken is not None and broken not in SPOILS:
        raise Trouble("no_such_check", name=broken, names=", ".join(SPOILS))


async def _demo(folder: Path, command: list[str], port: int, *, once: bool, broken: str | None, crowd: bool) -> int:
    from deploy.demo.run import main
    from deploy.demo.stage import START

    async with servers.provide(folder, command, durable=False) as provided:
        plan = await provision.anew(folder, provided, port, START)
        async with supervised(plan, restarts=True) as stack:
            code = await main(demo_place(stack), broken, crowd=crowd)
            if code and provided.host.full:
                raise Trouble("disk_full")
            if not once:
                say("ready", address=stack.gateway)
                await until_told(provided.one_failed())
    return code


def demo_place(stack: Stack) -> "Place":
    """The running stack as the story sees it."""
    from deploy.demo.run import Place

    return Place(
        gateway=stack.gateway,
        services={name: f"{stack.urls[name]}/{name}" for name in SERVICES},
        sink=f"{stack.sink}/sink",
        service_token=stack.service_token,
        accounts=accounts(stack.folder),
        databases={name: dsns.writer for name, dsns in stack.dsns.items()},
        kafka=stack.kafka,
        topic_prefix=stack.topic_prefix,
        report=STATE / "demo.json",
    )
