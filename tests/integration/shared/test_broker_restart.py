"""Kafka dies, freezes and comes back under a running relay and consumer."""

import gc
import secrets
import signal
import subprocess
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local import kafka, topics
from deploy.local.ports import LOOPBACK, free_port
from shared.relay import Relay
from tests.integration.shared.rig import SERVICE, Rig, each, judge, rigged, until
from tests.integration.shared.test_relay import by_key, emptied, in_kafka, without_repeats, write
from tests.support.databases import NewDatabase

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


async def applied(rig: Rig, rows: int) -> bool:
    return await rig.count() >= rows


async def failing(relay: Relay) -> bool:
    return relay._failures > 0
