"""The whole system, or one service of it, as separate processes with databases and topics of the test's own."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from deploy.local import assets, keys, provision
from deploy.local.paths import SERVICES
from deploy.local.running import supervised
from deploy.local.servers import Servers
from deploy.local.stack import Plan, Stack, new_ports, programs
from deploy.local.supervisor import Supervisor
from shared.stepper import Stepper
from tests.support import forking
from tests.support.databases import NewDatabase

START = datetime(2021, 7, 16, 8, tzinfo=ZoneInfo("Asia/Shanghai"))

NewPlan = Callable[[datetime | None], Awaitable[Plan]]
RunService = Callable[..., Awaitable[Stack]]


@pytest_asyncio.fixture
async def new_plan(servers: Servers, new_database: NewDatabase, topic_prefix: str, tmp_path: Path) -> NewPlan:
    """`await new_plan(start)`: databases, topics, keys and ports; nothing runs yet. `start=None` means real time."""

    async def new(start: datetime | None = START) -> Plan:
        folder = tmp_path / f"run-{secrets.token_hex(3)}"
        (folder / "logs").mkdir(parents=True)
        dsns = {service: await new_database(service) for service in SERVICES}
        provision.introduce_accounts(folder)
        return Plan(folder, servers, dsns, topic_prefix, keys.provide(folder), new_ports(), start, assets.provide())

    return new


@pytest_asyncio.fixture
async def stack(new_plan: NewPlan) -> AsyncIterator[Stack]:
    """Four services, gateway and sink, ready, in simulated time from the story's start."""
    async with supervised(await new_plan(START), launch=forking.launch, restarts=False) as running:
        yield running


@pytest_asyncio.fixture
async def run_service(new_plan: NewPlan) -> AsyncIterator[RunService]:
    """`stack = await run_service("enrolment", "sink", start=None, SHIPEI_CRASH=...)`: only these programs run, ready."""
    async with AsyncExitStack() as running:

        async def run(*names: str, start: datetime | None = START, **environment: str) -> Stack:
            plan = await new_plan(start)
            supervisor = Supervisor(plan.folder, programs(plan), launch=forking.launch, restarts=False)
            running.push_async_callback(supervisor.close)
            for name in names:
                await supervisor.start(name, **environment)
            return Stack(plan, supervisor)

        yield run


@pytest.fixture
def gateway(stack: Stack) -> str:
    """The origin under which everything is reached."""
    return stack.gateway


@pytest.fixture
def sink(stack: Stack) -> str:
    """The origin of the sink's own pages and commands."""
    return stack.sink


def stepper(http: httpx.AsyncClient, stack: Stack, *names: str, patience: float = 60) -> Stepper:
    """Drives the clocks of these services, of all four if none is named; waits for the sink's receipts where notify is among them."""
    driven = names or SERVICES
    watch = [f"{stack.sink}/sink/pending"] if "notify" in driven else []
    urls = [f"{stack.urls[name]}/{name}" for name in driven]
    return Stepper(http, urls, stack.service_token, watch=watch, patience=patience)
