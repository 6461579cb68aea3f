"""Proof 1: whatever is killed and whenever, accepted commands = places = events = reporting rows, and no message twice."""

import asyncio
from pathlib import Path

import httpx

from deploy.demo import roster
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from tests.support.driver import Accepted, import_people, open_classes, prepare
from tests.support.killer import POINTS, dying_at, kill_at_random
from tests.support.oracle import column, judge
from tests.support.played import new_stage, own_stack

PEOPLE, RANDOM_SECONDS = 2_000, 60
PATIENCE = 300  # s; thousands of messages are still to go out when the killing is over


async def test_nothing_is_lost_or_doubled_under_kill_9(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, httpx.AsyncClient(timeout=PATIENCE) as http:
        place = demo_place(stack)
        stage, ledger = new_stage(place, http, PATIENCE), Accepted()
        await prepare(stage, PEOPLE)
        async with dying_at(stack, POINTS) as deaths:
            job = await import_people(stage, ledger, roster.teachers(PEOPLE))
            assert (job["selected"], job["errors"]) == (PEOPLE, 0)
            places = await column(place.databases["enrolment"], "select place_id from place order by place_id")
            await open_classes(stage, ledger, places[: PEOPLE // 2])
        await asyncio.gather(
            kill_at_random(stack, RANDOM_SECONDS, deaths), open_classes(stage, ledger, places[PEOPLE // 2 :])
        )
        await stage.stepper.settle()
        verdict = await judge(place, ledger)
    assert not verdict.wrong
    assert set(deaths.named) == set(POINTS)
    assert sum(deaths.random.values()) > RANDOM_SECONDS / 20
    assert verdict.counted["reporting rows"] == PEOPLE
