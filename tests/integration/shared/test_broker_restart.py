"""Kafka dies, freezes and comes back under a running relay and consumer."""

import gc
import secrets
import signal
import subprocess
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from deploy.local import kafka, topics
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Plan, programs
from deploy.local.supervisor import Supervisor
from shared.client import client
from shared.relay import Relay
from tests.integration.shared.rig import SERVICE, Rig, each, judge, rigged, until
from tests.integration.shared.test_relay import by_key, emptied, in_kafka, without_repeats, write
from tests.support import forking
from tests.support.databases import NewDatabase
from tests.support.stack import NewPlan

STREAMS = 20


class Broker:
    """A node of the module's own, on a port that it keeps when it comes back."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.address = f"{LOOPBACK}:{port}"
        self._log = folder / "kafka.log"
        command = kafka.command()
        settings = kafka.write_settings(folder, port, free_port())
        kafka.format_storage(command, settings)
        self._command = [*command, "kafka.Kafka", str(settings)]
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)

    async def answers(self) -> bool:
        return await kafka.answers(self.address)

    def send(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def end(self) -> None:
        self.send(signal.SIGKILL)
        self._child.wait(30)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    node = Broker(tmp_path_factory.mktemp("kafka"))
    yield node
    node.end()


@pytest_asyncio.fixture
async def own(broker: Broker, new_database: NewDatabase, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Rig]:
    await until(broker.answers, seconds=60)
    prefix = f"b{secrets.token_hex(4)}."
    await topics.create(broker.address, prefix)
    async with rigged(await new_database(SERVICE), broker.address, prefix) as made:
        yield made
    let_go(caplog)


def let_go(caplog: pytest.LogCaptureFixture) -> None:
    """aiokafka forgets, unclosed, a connection that broke at a bad moment; logged errors hold on to some of them."""
    caplog.get_records("call").clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("fault", ["kill", "freeze"])
async def test_a_broker_that_comes_back_finds_everything_waiting(own: Rig, broker: Broker, fault: str) -> None:
    before, during, after = (each(STREAMS, versions=10, first=first) for first in (1, 11, 21))
    async with (
        Relay(own.dsns.writer, broker.address, own.place.topic_prefix, "test", patience=2.0) as relay,
        own.reading(),
    ):
        await write(own, before)
        relay.wake()
        await until(lambda: applied(own, len(before)))
        broker.end() if fault == "kill" else broker.send(signal.SIGSTOP)
        await write(own, during)
        relay.wake()
        await until(lambda: failing(relay))
        broker.start() if fault == "kill" else broker.send(signal.SIGCONT)
        await write(own, after)
        await until(lambda: emptied(own), seconds=60)
        await until(lambda: applied(own, len(before + during + after)), seconds=60)
    assert judge(await own.ledger(), before + during + after).clean
    found = by_key(await in_kafka(own))
    assert {s: without_repeats(v) for s, v in found.items()} == {f"s{n}": list(range(1, 31)) for n in range(STREAMS)}


async def test_with_kafka_away_a_service_still_tells_how_old_its_outbox_is(new_plan: NewPlan, broker: Broker) -> None:
    await until(broker.answers, seconds=60)
    plan = await new_plan(None)
    await topics.create(broker.address, plan.topic_prefix)
    supervisor = Supervisor(plan.folder, programs(plan), launch=forking.launch, restarts=False)
    async with AsyncExitStack() as running:
        running.push_async_callback(supervisor.close)
        await supervisor.start("enrolment", SHIPEI_KAFKA=broker.address)
        assert (await told(plan))["shipei_consumer_behind"] == 0
        broker.end()
        running.callback(broker.start)
        await execute(plan.dsns["enrolment"].writer, WAITING)
        seen = await told(plan)
    assert seen["shipei_outbox_age_seconds"] > 3600
    assert seen["shipei_measures_failed"] == 1
    assert "shipei_consumer_behind" not in seen


WAITING = """insert into outbox (topic, key, headers, payload, created_at)
values ('training.unit.v1', 'k', '{}', '{}', clock_timestamp() - interval '2 hours')"""


async def told(plan: Plan) -> dict[str, float]:
    """What a scrape of the running process gives."""
    async with client(20) as http:
        text = (await http.get(f"{plan.url('enrolment')}/enrolment/metrics")).raise_for_status().text
    return {s.name: s.value for family in text_string_to_metric_families(text) for s in family.samples}


async def execute(dsn: str, statement: str) -> None:
    con = await asyncpg.connect(dsn)
    try:
        await con.execute(statement)
    finally:
        await con.close()


async def applied(rig: Rig, rows: int) -> bool:
    return await rig.count() >= rows


async def failing(relay: Relay) -> bool:
    return relay._failures > 0
