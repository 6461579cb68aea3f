"""The proof of "nothing lost" can fail: with a protection switched off, the same oracle names what was lost or doubled."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.demo import roster
from deploy.demo.spoiling import run
from deploy.demo.stage import at
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from shared.relay import LEADER_LOCK
from tests.support import restoring
from tests.support.driver import Accepted, import_people, list_places, open_classes, prepare
from tests.support.oracle import SELECTED, column, judge
from tests.support.played import new_stage, own_stack
from tests.support.replicas import second
from tests.support.sabotage import sabotage

PEOPLE = 60


@asynccontextmanager
async def relay_waiting(stack: Stack, service: str) -> AsyncIterator[None]:
    """The service's relay finds somebody else in the lead, so that events gather; it is restarted to let go of the lead."""
    con = await asyncpg.connect(stack.dsns[service].writer)
    try:
        await asyncio.gather(con.execute("select pg_advisory_lock($1)", LEADER_LOCK), stack.restart(service))
        yield
    finally:
        await con.close()


async def held_twice(sink: str, http: httpx.AsyncClient) -> list[str]:
    """Which messages the receivers got more than once, by the id that came with each; notify is not asked."""
    messages = (await http.get(f"{sink}/messages.json")).raise_for_status().json()["messages"]
    return sorted(i for i, n in Counter(m["message_id"] for m in messages).items() if n > 1)


async def test_an_outbox_row_outside_the_transaction_is_noticed(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        await sabotage(stack, "enrolment", "outbox-outside", SHIPEI_CRASH="import.before_commit:1")
        importing = asyncio.create_task(import_people(stage, ledger, roster.teachers(PEOPLE)))
        await stack.supervisor.ended("enrolment")
        await stack.start("enrolment")
        await importing
        await stage.stepper.settle()
        await list_places(stage, ledger)
        verdict = await judge(place, ledger)
    assert len(verdict.wrong["selected events: never accepted"]) == PEOPLE


async def test_a_claim_without_its_lock_is_noticed(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        await sabotage(stack, "notify", "claim-off")
        await second(stack, "notify")
        await import_people(stage, ledger, roster.teachers(PEOPLE))
        await stage.stepper.to(at(7, 21))
        await list_places(stage, ledger)
        verdict = await judge(place, ledger)
        twice = await held_twice(place.sink, http)
        about = "select place_id from reminder where message_id = any($1) and person_id is not null"
        people = set(await column(place.databases["notify"], about, twice))
    assert list(verdict.wrong) == ["messages: doubled"]
    assert verdict.wrong["messages: doubled"] == twice
    assert people
    assert people <= set(ledger.places)


async def test_an_accepted_row_that_enrolment_forgot_is_noticed(servers: Servers, tmp_path: Path) -> None:
    """No part of the system knows of the loss; the workbook does."""
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        await sabotage(stack, "enrolment", "place-forgotten")
        job = await import_people(stage, ledger, roster.teachers(PEOPLE))
        await stage.stepper.settle()
        await list_places(stage, ledger)
        verdict = await judge(place, ledger)
    assert job["selected"] == PEOPLE == len(ledger.places) + 1
    assert set(verdict.wrong) == {"accepted people: lost", "jobs that answered another number than there are places"}
    assert len(verdict.wrong["accepted people: lost"]) == 1
    assert set(verdict.wrong["accepted people: lost"]) < set(ledger.people)


@pytest.mark.parametrize("service", SELECTED)
async def test_a_place_that_one_listener_lost_is_noticed(servers: Servers, tmp_path: Path, service: str) -> None:
    """One in a class is gone, of another one the class."""
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        await import_people(stage, ledger, roster.teachers(PEOPLE))
        gone, unassigned, *_ = await list_places(stage, ledger)
        await open_classes(stage, ledger, [ledger.places])
        await stage.stepper.settle()
        assert (await judge(place, ledger)).wrong == {}
        owner = stack.dsns[service].owner
        await run(owner, f"delete from place where place_id = '{gone}'")
        await run(owner, f"update place set class_id = null where place_id = '{unassigned}'")
        verdict = await judge(place, ledger)
    in_no_class = sorted([gone, unassigned])
    assert verdict.wrong == {f"{service} rows: lost": [gone], f"{service} rows in a class: lost": in_no_class}


async def test_a_consumer_without_its_cursor_is_noticed(servers: Servers, tmp_path: Path) -> None:
    """Enrolment's relay mixes up what it sends and repeats it, which a stranger sees. It harms nobody who looks at his cursor."""
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http), Accepted()
        await prepare(stage, PEOPLE)
        older, unharmed = await restoring.copy(servers, stack.dsns["reporting"]), stack.supervisor.programs["reporting"]
        await sabotage(stack, "reporting", "cursor-off")
        await sabotage(stack, "enrolment", "unruly-relay")
        async with relay_waiting(stack, "enrolment"):
            await import_people(stage, ledger, roster.teachers(PEOPLE))
            await open_classes(stage, ledger, [await list_places(stage, ledger)])
        await stage.stepper.settle()
        verdict = await judge(place, ledger)

        stack.supervisor.programs["reporting"] = unharmed
        await stack.stop("reporting")
        await restoring.put_back(servers, stack.dsns["reporting"], older)
        await stack.start("reporting")
        await stage.stepper.settle()
        healed = await judge(place, ledger)
    mixed_up = {"streams not whole or not in order": verdict.wrong["streams not whole or not in order"]}
    assert verdict.wrong == {"reporting rows: lost": sorted(ledger.places), **mixed_up}
    assert healed.wrong == mixed_up
