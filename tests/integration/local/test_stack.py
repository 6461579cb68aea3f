"""A service as a process of its own, with a database, topics and keys of the test's own."""

import signal
from datetime import timedelta

from shared.client import client
from tests.support.stack import START, RunService, stepper


async def test_a_killed_service_comes_back_with_its_simulated_instant(run_service: RunService) -> None:
    stack = await run_service("enrolment")
    later = START + timedelta(days=1)
    async with client(30) as http:
        time = stepper(http, stack, "enrolment")
        assert await time.now() == START
        await time.to(later)
        await stack.kill9("enrolment")
        assert stack.supervisor.kept["enrolment"].exits == [-signal.SIGKILL]
        await stack.start("enrolment")
        assert await time.now() == later


async def test_a_service_that_is_told_to_stop_ends_in_order(run_service: RunService) -> None:
    stack = await run_service("enrolment")
    await stack.stop("enrolment")
    assert stack.supervisor.kept["enrolment"].exits[0] in {0, -signal.SIGTERM}


async def test_in_real_time_the_sink_shows_its_messages_to_the_programs_alone(run_service: RunService) -> None:
    stack = await run_service("sink", start=None)
    async with client(30, base_url=f"{stack.sink}/sink") as http:
        assert (await http.get("/messages.json")).status_code == 401
        mine = await http.get("/messages.json", headers={"authorization": f"Bearer {stack.service_token}"})
        assert mine.json() == {"messages": []}
