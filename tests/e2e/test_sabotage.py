"""The proof of "nothing lost" can fail: with a protection switched off, the same oracle names what was lost or doubled."""

import asyncio
import dataclasses
from pathlib import Path

import httpx

from deploy.demo import roster
from deploy.demo.story import at
from deploy.local.child import python
from deploy.local.ports import free_port
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from tests.support.driver import Accepted, import_people, prepare
from tests.support.oracle import judge
from tests.support.played import new_stage, own_stack

PEOPLE = 60


async def sabotage(stack: Stack, service: str, how: str, **environment: str) -> None:
    """Run the service with a protection taken out."""
    program = stack.supervisor.programs[service]
    command = python("-m", "tests.support.sabotage", how, f"services.{service}")
    stack.supervisor.programs[service] = dataclasses.replace(program, command=command)
    await stack.stop(service)
    await stack.start(service, **environment)


async def second_replica(stack: Stack, service: str) -> None:
    """Another process of the same service beside the first."""
    program, port = stack.supervisor.programs[service], free_port()
    address = f"http://127.0.0.1:{port}/{service}/readyz"
    environment = {**program.environment, "SHIPEI_PORT": str(port), "SHIPEI_REPLICA": "1"}
    stack.supervisor.programs[f"{service}-1"] = dataclasses.replace(
        program, name=f"{service}-1", environment=environment, ready=address
    )
    await stack.start(f"{service}-1")


async def test_an_outbox_row_outside_the_transaction_is_noticed(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, httpx.AsyncClient(timeout=60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        await sabotage(stack, "enrolment", "outbox-outside", SHIPEI_CRASH="import.before_commit:1")
        importing = asyncio.create_task(import_people(stage, ledger, roster.teachers(PEOPLE)))
        await stack.supervisor.ended("enrolment")
        await stack.start("enrolment")
        await importing
        await stage.stepper.settle()
        verdict = await judge(place, ledger)
    assert len(verdict.wrong["selected events: never accepted"]) == PEOPLE


async def test_a_claim_without_its_lock_is_noticed(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, httpx.AsyncClient(timeout=60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        await sabotage(stack, "notify", "claim-off")
        await second_replica(stack, "notify")
        await import_people(stage, ledger, roster.teachers(PEOPLE))
        await stage.stepper.to(at(7, 21))
        verdict = await judge(place, ledger)
    assert verdict.wrong["messages: doubled"]
