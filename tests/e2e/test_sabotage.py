"""The proof of "nothing lost" can fail: with a protection switched off, the same oracle names what was lost or doubled."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest_asyncio

from deploy.demo import roster
from deploy.demo.run import Place
from deploy.demo.spoiling import run
from deploy.demo.stage import Stage, at
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from shared.relay import LEADER_LOCK
from tests.support import restoring
from tests.support.driver import Accepted, import_people, list_places, open_classes, prepare
from tests.support.oracle import SELECTED, Verdict, column, judge
from tests.support.played import new_stage, own_stack
from tests.support.replicas import second
from tests.support.sabotage import sabotage

PEOPLE = 60


@dataclass(frozen=True)
class Eve:
    """A year with so many places at the school, on the day before the roster comes; the ledger is empty."""

    stack: Stack
    stage: Stage
    place: Place
    ledger: Accepted

    async def verdict(self) -> Verdict:
        """All is at rest; the places are listed and compared."""
        await self.stage.stepper.settle()
        await list_places(self.stage, self.ledger)
        return await judge(self.place, self.ledger)


@pytest_asyncio.fixture
async def eve(servers: Servers, tmp_path: Path) -> AsyncIterator[Eve]:
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage = new_stage(place, http)
        await prepare(stage, PEOPLE)
        yield Eve(stack, stage, place, Accepted())


@asynccontextmanager
async def relay_waiting(stack: Stack, service: str) -> AsyncIterator[None]:
    """The service's relay finds somebody else in the lead, so that events gather; it is restarted to let go of the lead."""
    con = await asyncpg.connect(stack.dsns[service].writer)
    try:
        await asyncio.gather(con.execute("select pg_advisory_lock($1)", LEADER_LOCK), stack.restart(service))
        yield
    finally:
        await con.close()


async def held_twice(eve: Eve) -> list[str]:
    """Which messages the receivers got more than once, by the id that came with each; notify is not asked."""
    answer = await eve.stage.http.get(f"{eve.place.sink}/messages.json")
    messages = answer.raise_for_status().json()["messages"]
    return sorted(i for i, n in Counter(m["message_id"] for m in messages).items() if n > 1)


async def test_an_outbox_row_outside_the_transaction_is_noticed(eve: Eve) -> None:
    await sabotage(eve.stack, "enrolment", "outbox-outside", SHIPEI_CRASH="import.before_commit:1")
    importing = asyncio.create_task(import_people(eve.stage, eve.ledger, roster.teachers(PEOPLE)))
    await eve.stack.supervisor.ended("enrolment")
    await eve.stack.start("enrolment")
    await importing
    verdict = await eve.verdict()
    assert len(verdict.wrong["selected events: never accepted"]) == PEOPLE


async def test_a_claim_without_its_lock_is_noticed(eve: Eve) -> None:
    await sabotage(eve.stack, "notify", "claim-off")
    await second(eve.stack, "notify")
    await import_people(eve.stage, eve.ledger, roster.teachers(PEOPLE))
    await eve.stage.stepper.to(at(7, 21))
    verdict, twice = await eve.verdict(), await held_twice(eve)
    about = "select place_id from reminder where message_id = any($1) and person_id is not null"
    people = set(await column(eve.place.databases["notify"], about, twice))
    assert verdict.wrong == {"messages: doubled": twice, "messages: same words again": twice}
    assert people
    assert people <= set(eve.ledger.places)


async def test_a_message_that_notify_holds_under_two_ids_is_noticed(eve: Eve) -> None:
    """Its ledger explains both; whoever reads the same twice does not care."""
    await sabotage(eve.stack, "notify", "other-ids")
    await import_people(eve.stage, eve.ledger, roster.teachers(PEOPLE))
    assert (await eve.verdict()).wrong == {}
    await eve.stack.restart("notify")
    await eve.stage.stepper.to(at(7, 21))
    assert list((await eve.verdict()).wrong) == ["messages: same words again"]


async def test_an_accepted_row_that_enrolment_forgot_is_noticed(eve: Eve) -> None:
    """No part of the system knows of the loss; the workbook does."""
    await sabotage(eve.stack, "enrolment", "place-forgotten")
    job = await import_people(eve.stage, eve.ledger, roster.teachers(PEOPLE))
    verdict = await eve.verdict()
    assert job["selected"] == PEOPLE == len(eve.ledger.places) + 1
    assert set(verdict.wrong) == {"accepted people: lost", "jobs that answered another number than there are places"}
    assert len(verdict.wrong["accepted people: lost"]) == 1
    assert set(verdict.wrong["accepted people: lost"]) < set(eve.ledger.people)


async def test_a_place_that_one_listener_lost_is_noticed(eve: Eve) -> None:
    """Of each listener one place is gone, and of another one the class."""
    await import_people(eve.stage, eve.ledger, roster.teachers(PEOPLE))
    await open_classes(eve.stage, eve.ledger, [await list_places(eve.stage, eve.ledger)])
    assert (await eve.verdict()).wrong == {}
    wrong: dict[str, list[str]] = {}
    places = iter(eve.ledger.places)
    for service, gone, unassigned in zip(SELECTED, places, places, strict=False):
        owner = eve.stack.dsns[service].owner
        await run(owner, f"delete from place where place_id = '{gone}'")
        await run(owner, f"update place set class_id = null where place_id = '{unassigned}'")
        wrong |= {f"{service} rows: lost": [gone], f"{service} rows in a class: lost": sorted([gone, unassigned])}
    assert (await judge(eve.place, eve.ledger)).wrong == wrong


async def test_a_consumer_without_its_cursor_is_noticed(servers: Servers, eve: Eve) -> None:
    """Enrolment's relay mixes up what it sends and repeats it, which a stranger sees. It harms nobody who looks at his cursor."""
    stack, ledger, reporting = eve.stack, eve.ledger, eve.stack.dsns["reporting"]
    older, unharmed = await restoring.copy(servers, reporting), stack.supervisor.programs["reporting"]
    await sabotage(stack, "reporting", "cursor-off")
    await sabotage(stack, "enrolment", "unruly-relay")
    async with relay_waiting(stack, "enrolment"):
        await import_people(eve.stage, ledger, roster.teachers(PEOPLE))
        await open_classes(eve.stage, ledger, [await list_places(eve.stage, ledger)])
    verdict = await eve.verdict()

    stack.supervisor.programs["reporting"] = unharmed
    await stack.stop("reporting")
    await restoring.put_back(servers, reporting, older)
    await stack.start("reporting")
    healed = await eve.verdict()
    mixed_up = {"streams not whole or not in order": verdict.wrong["streams not whole or not in order"]}
    assert verdict.wrong == {"reporting rows: lost": sorted(ledger.places), **mixed_up}
    assert healed.wrong == mixed_up
