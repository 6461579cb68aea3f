"""Makes what a stack needs before its processes start: databases, topics, migrations, keys, accounts."""

import asyncio
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from deploy.local import assets, databases, keys, topics
from deploy.local.child import Program, inherited
from deploy.local.databases import Dsns
from deploy.local.paths import ROOT, SERVICES
from deploy.local.say import failure
from deploy.local.servers import Servers
from deploy.local.stack import Plan, accounts, messages, new_ports, programs
from deploy.local.together import together


async def kept(folder: Path, servers: Servers, gateway_port: int) -> Plan:
    """The plan of `make up`: its databases and topics stay from run to run, time is real."""
    await databases.ensure_roles(servers.postgres)
    dsns = dict(zip(SERVICES, await together(*(_existing(servers, s) for s in SERVICES)), strict=True))
    await topics.create(servers.kafka)
    return await _plan(folder, servers, dsns, "", gateway_port)


async def anew(folder: Path, servers: Servers, gateway_port: int, start: datetime) -> Plan:
    """The plan of a demo: what an earlier one left is dropped, time is simulated from `start`."""
    name, prefix = "demo", "demo."
    await databases.ensure_roles(servers.postgres)
    await databases.drop(servers.postgres, *(f"{name}_{service}" for service in SERVICES))
    await topics.delete(servers.kafka, prefix)
    made = await together(*(databases.create(servers.postgres, s, f"{name}_{s}") for s in SERVICES))
    await topics.create(servers.kafka, prefix)
    for left in (accounts(folder), messages(folder)):
        left.unlink(missing_ok=True)
    return await _plan(folder, servers, dict(zip(SERVICES, made, strict=True)), prefix, gateway_port, start)


async def _plan(
    folder: Path, servers: Servers, dsns: Mapping[str, Dsns], prefix: str, port: int, start: datetime | None = None
) -> Plan:
    web = await asyncio.to_thread(assets.provide)
    plan = Plan(folder, servers, dsns, prefix, keys.provide(folder), new_ports(port), start, web)
    introduce_accounts(folder)
    await migrate(plan)
    return plan


async def _existing(servers: Servers, service: str) -> Dsns:
    name = f"shipei_{service}"
    if await databases.exists(servers.postgres, name):
        return databases.dsns(servers.postgres, service, name)
    return await databases.create(servers.postgres, service, name)


def introduce_accounts(folder: Path) -> None:
    from deploy.demo.accounts import write

    if not accounts(folder).exists():
        write(accounts(folder), [])


async def migrate(plan: Plan) -> None:
    """Runs `python -m services.<name> migrate` of each service, side by side. Raises Trouble with the output of a failed one."""
    services = [program for program in programs(plan) if program.name in SERVICES]
    await together(*(_migrate(program, plan.dsns[program.name].owner) for program in services))


async def _migrate(program: Program, owner: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *program.command,
        "migrate",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**inherited(), **program.environment, "SHIPEI_DSN_OWNER": owner},
        cwd=ROOT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise failure("migrate", output.decode(errors="replace"), name=program.name)
