"""Proof 1: whatever is killed and whenever, accepted commands = places = events = reporting rows, and no message twice.

Nor does anybody's name, ID number, phone or address get into an event or a log on the way.
"""

import asyncio
from pathlib import Path

import pytest

from deploy.demo import roster
from deploy.demo.checks import logs
from deploy.demo.ledger import Ledger
from deploy.demo.run import sources_of
from deploy.demo.stage import POLICIES
from deploy.local.paths import SERVICES
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from shared.client import client
from tests.support.driver import (
    Accepted,
    begun,
    follow,
    import_people,
    import_until,
    list_places,
    open_classes,
    open_until,
    portions,
    prepare,
    upload,
)
from tests.support.killer import LEAST_DEATHS, POINTS, dying_at, kill_at_random
from tests.support.oracle import column, judge
from tests.support.played import new_stage, own_stack
from tests.support.sabotage import sabotage
from tests.support.stack import RunService
from tests.support.visitor import visitor

PEOPLE, MORE, RANDOM_SECONDS = 2_000, 1_500, 60
FIRST, LARGE, SMALL = 200, 100, 5  # of the first people, so many are in large classes before the random deaths
LARGE_ROSTER, ROSTER = 1_000, 15
CUT_OFF = "select job_id from import_job where attempts > 1"
UNITS = (POLICIES / "units-henan.yaml").read_bytes()
PATIENCE = 600  # s; thousands of messages are still to go out when the killing is over


async def test_nothing_is_lost_or_doubled_under_kill_9(servers: Servers, tmp_path: Path) -> None:
    """Rosters and classes keep coming until the last random death; the first one cuts a large roster off."""
    people = list({t.id_number: t for t in roster.teachers(PEOPLE + MORE)}.values())
    large, small = people[PEOPLE : PEOPLE + LARGE_ROSTER], people[PEOPLE + LARGE_ROSTER :]
    async with own_stack(servers, tmp_path / "run") as stack, client(PATIENCE) as http:
        place = demo_place(stack)
        stage, ledger, over = new_stage(place, http, PATIENCE), Accepted(), asyncio.Event()
        await prepare(stage, len(people))
        async with dying_at(stack, POINTS) as deaths:
            job = await import_people(stage, ledger, people[:PEOPLE])
            assert (job["selected"], job["errors"]) == (PEOPLE, 0)
            waiting = await list_places(stage, ledger)
            await open_classes(stage, ledger, portions(waiting[:FIRST], LARGE))
        under_way = await upload(stage, ledger, large)
        await begun(stage, under_way)
        await asyncio.gather(
            kill_at_random(stack, RANDOM_SECONDS, deaths, over, first="enrolment"),
            follow(stage, ledger, large, under_way),
            open_until(over, stage, ledger, portions(waiting[FIRST:], SMALL)),
            import_until(over, stage, ledger, portions(small, ROSTER)),
        )
        await stage.stepper.settle()
        await list_places(stage, ledger)
        verdict = await judge(place, ledger, {w for t in people for w in t.private} | stage.reachable)
        stage.people, read = people, Ledger()
        await logs(stage, sources_of(place), read)
        cut_off = await column(place.databases["enrolment"], CUT_OFF)
    assert not verdict.wrong
    assert read.holds, read.checks
    assert under_way in cut_off
    assert set(deaths.named) == set(POINTS)
    assert min(deaths.random[s] for s in SERVICES) >= LEAST_DEATHS
    assert deaths.spans_with(ledger.answers) > len(deaths.moments) / 2
    assert ledger.answers[-1] > deaths.moments[-1]
    assert verdict.counted["reporting rows"] == len(ledger.places) > PEOPLE


async def test_a_service_that_ends_in_another_way_than_killed_is_reported_at_once(run_service: RunService) -> None:
    stack = await run_service("enrolment", "reporting")
    await sabotage(stack, "reporting", "exit-at-point")

    async def load_without_end() -> None:
        async with dying_at(stack, [("reporting", "consumer.committed")], nth=1):
            async with visitor(stack, "enrolment", "province", unit="410000") as province:
                await province.post("/units:import", content=UNITS, headers={"idempotency-key": "k"})
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as reported:
        await load_without_end()
    (why,) = reported.value.exceptions
    assert "reporting ended with 3 instead of being killed at consumer.committed" in str(why)
    assert stack.supervisor.running("reporting")
