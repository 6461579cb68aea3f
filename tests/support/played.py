"""The story, played once in a stack of its own; several tests then look at what it left."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.demo.checks import examine
from deploy.demo.ledger import Ledger, Sources
from deploy.demo.run import Place, sources_of
from deploy.demo.stage import START, Stage
from deploy.demo.story import CHAPTERS
from deploy.local import assets, databases, keys, provision, topics
from deploy.local.paths import SERVICES
from deploy.local.running import demo_place, supervised
from deploy.local.servers import Servers
from deploy.local.stack import Plan, Stack, new_ports
from shared.client import client
from shared.stepper import Stepper
from tests.support import forking
from tests.support.servers import running_loop
from tests.support.trials import AFTER, PATIENCE, Seen, Trials


@dataclass(frozen=True)
class Played:
    """A stack in which the story is over: addresses, what the story found, its checks, and what was seen in its trials."""

    stack: Stack
    place: Place
    stage: Stage
    ledger: Ledger
    trials: Seen

    @property
    def sources(self) -> Sources:
        return sources_of(self.place)


@asynccontextmanager
async def own_stack(servers: Servers, folder: Path) -> AsyncIterator[Stack]:
    """Databases, topics and processes that nothing else uses."""
    token = secrets.token_hex(4)
    names = {s: f"e_{s}_{token}" for s in SERVICES}
    prefix = f"e{token}."
    (folder / "logs").mkdir(parents=True)
    await topics.create(servers.kafka, prefix)
    dsns = {
        s: await databases.create(servers.postgres, s, names[s], await databases.template(servers.postgres, s))
        for s in SERVICES
    }
    provision.introduce_accounts(folder)
    plan = Plan(folder, servers, dsns, prefix, keys.provide(folder), new_ports(), START, assets.provide())
    try:
        async with supervised(plan, launch=forking.launch, restarts=False) as stack:
            yield stack
    finally:
        await databases.drop(servers.postgres, *names.values())
        await topics.delete(servers.kafka, prefix)


def new_stage(place: Place, http: httpx.AsyncClient, patience: float = 60) -> Stage:
    stepper = Stepper(
        http, list(place.services.values()), place.service_token, watch=[f"{place.sink}/pending"], patience=patience
    )
    return Stage(http, place.gateway, stepper, place.accounts)


@asynccontextmanager
async def playing(servers: Servers, folder: Path) -> AsyncIterator[Played]:
    """Plays the story, with its trials between two chapters; at its end everything is read again."""
    async with own_stack(servers, folder) as stack, client(60) as http:
        place = demo_place(stack)
        stage = new_stage(place, http, PATIENCE)
        trials = Trials(servers, stack, stage, place)
        for _, chapter in CHAPTERS:
            await chapter(stage)
            if trial := AFTER.get(chapter):
                await trial(trials)
        ledger = await examine(stage, sources_of(place))
        await trials.read_again()
        yield Played(stack, place, stage, ledger, trials.seen)


@pytest.fixture(scope="session")
def played(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """`.stage.found`, `.ledger.checks`, `.trials`, `.stack` (its coroutines belong to another loop: use HTTP and DSNs), `.place`."""
    with ExitStack() as stack:
        loop = stack.enter_context(running_loop())
        context = playing(servers, tmp_path_factory.mktemp("story") / "run")
        there = loop(context.__aenter__())
        stack.callback(lambda: loop(context.__aexit__(None, None, None)))
        yield there
