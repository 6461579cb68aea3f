"""Kafka dies, freezes and comes back under a running relay and consumer."""

import signal
import subprocess
from collections.abc import AsyncIterator
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
    """A node of the test's own, on a port that it keeps when it comes back."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.address = f"{LOOPBACK}:{port}"
        self._log = folder / "kafka.log"
        self._command = kafka.command()
        self._settings = kafka.write_settings(folder, port, free_port())
        kafka.format_storage(self._command, self._settings)
        self._child: subprocess.Popen[bytes]

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: ASYNC220  (only forks)
                [*self._command, "kafka.Kafka", str(self._settings)], stdout=log, stderr=subprocess.STDOUT
            )
        await until(lambda: kafka.answers(self.address), seconds=60)

    def send(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def end(self, number: signal.Signals) -> None:
        self.send(number)
        self._child.wait(30)


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    node = Broker(tmp_path)
    await node.start()
    await topics.create(node.address, "b.")
    yield node
    node.end(signal.SIGKILL)


@pytest_asyncio.fixture
async def own(broker: Broker, new_database: NewDatabase) -> AsyncIterator[Rig]:
    async with rigged(await new_database(SERVICE), broker.address, "b.") as made:
        yield made


@pytest.mark.parametrize("fault", ["kill", "freeze"])
async def test_a_broker_that_comes_back_finds_everything_waiting(own: Rig, broker: Broker, fault: str) -> None:
    before, during, after = (each(STREAMS, versions=10, first=first) for first in (1, 11, 21))
    async with Relay(own.dsns.writer, broker.address, "b.", "test", patience=2.0) as relay, own.reading():
        await write(own, before)
        relay.wake()
        await until(lambda: applied(own, len(before)))
        broker.end(signal.SIGKILL) if fault == "kill" else broker.send(signal.SIGSTOP)
        await write(own, during)
        relay.wake()
        await until(lambda: failing(relay))
        await broker.start() if fault == "kill" else broker.send(signal.SIGCONT)
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
