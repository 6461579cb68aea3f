"""Kills service processes: at named points of the code, and at random; and starts them again at once."""

import asyncio
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from deploy.local.paths import SERVICES
from deploy.local.say import Trouble
from deploy.local.stack import Stack

POINTS: tuple[tuple[str, str], ...] = (
    ("enrolment", "import.before_commit"),
    ("enrolment", "import.after_commit"),
    ("enrolment", "command.before_commit"),
    ("enrolment", "command.after_commit"),
    ("enrolment", "relay.acked"),
    ("notify", "consumer.committed"),
    ("notify", "dispatch.attempt_written"),
    ("notify", "dispatch.answered"),
    ("reporting", "consumer.committed"),
    ("blacklist", "consumer.committed"),
)


LAST_DEATHS = 120.0  # s
LEAST_DEATHS = 2  # per service, however slow the machine is


@dataclass
class Deaths:
    """What was hit: by named point, and at random, per service, with the moments (machine clock, s) of the random ones."""

    named: Counter[tuple[str, str]] = field(default_factory=Counter)
    random: Counter[str] = field(default_factory=Counter)
    moments: list[float] = field(default_factory=list)

    def spans_with(self, answers: Sequence[float]) -> int:
        """Between how many pairs of successive random deaths there was an answer."""
        return sum(any(a <= t < b for t in answers) for a, b in pairwise(self.moments))


@asynccontextmanager
async def dying_at(stack: Stack, points: Sequence[tuple[str, str]], *, nth: int = 2) -> AsyncIterator[Deaths]:
    """Each service runs with its first point, dies there at the n-th time (an import's first), and starts with its next one.

    At the end all are alive again. Errors: an ExceptionGroup, at once, when a service ends in another way; what runs
    under this context is cancelled then.
    """
    plan: dict[str, list[str]] = defaultdict(list)
    for service, point in points:
        plan[service].append(point)
    deaths = Deaths()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_die_in_turn(stack, s, p, nth, deaths)) for s, p in plan.items()]
            yield deaths
            await asyncio.wait(tasks, timeout=LAST_DEATHS)  # the load is over, its messages still go out
            for task in tasks:
                task.cancel()
    finally:
        await _all_alive(stack, plan)


async def _die_in_turn(stack: Stack, service: str, points: list[str], nth: int, deaths: Deaths) -> None:
    await stack.kill9(service)
    for point in points:
        await _start(stack, service, SHIPEI_CRASH=f"{point}:{1 if point.startswith('import.') else nth}")
        code = await stack.supervisor.ended(service)
        assert code == -signal.SIGKILL, f"{service} ended with {code} instead of being killed at {point}"
        deaths.named[service, point] += 1
    await stack.start(service)


async def _start(stack: Stack, service: str, **environment: str) -> None:
    """With work that waits it may reach its point, and end, before anybody saw it ready."""
    try:
        await stack.start(service, **environment)
    except Trouble:
        if stack.supervisor.running(service):
            raise


async def kill_at_random(
    stack: Stack, seconds: float, deaths: Deaths, over: asyncio.Event, *, first: str, seed: int = 7
) -> None:
    """For so long, and each service some times: kill -9 at a random moment, start again. Sets ``over`` at the end.

    ``first`` is the service that dies at once, so that what is under way there meets its death.
    """
    rng, loop = random.Random(seed), asyncio.get_running_loop()
    until, waiting = loop.time() + seconds, [first]
    try:
        while loop.time() < until or min(deaths.random[s] for s in SERVICES) < LEAST_DEATHS:
            waiting = waiting or rng.sample(SERVICES, len(SERVICES))
            service = waiting.pop()
            await stack.kill9(service)
            deaths.moments.append(time.monotonic())
            await stack.start(service)
            deaths.random[service] += 1
            await asyncio.sleep(rng.uniform(0.2, 1.5))
    finally:
        over.set()


async def _all_alive(stack: Stack, services: Iterable[str]) -> None:
    for service in services:
        if stack.supervisor.running(service):
            await stack.stop(service)
        await stack.start(service)
