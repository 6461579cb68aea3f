"""The way from a committed row to Kafka: nothing lost, order per key, duplicates only where leadership broke."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local.databases import provisioning
from deploy.local.servers import Servers
from shared import relay as module
from shared.context import Context
from shared.envelope import decode
from shared.events.enrolment import TraineeRegistered
from shared.outbox import Entry, append
from shared.relay import Relay
from shared.sender import Sender
from tests.integration.shared.rig import TOPIC, Rig, each, until
from tests.support.restoring import disconnect

CONTEXT = Context(
    now=datetime(2031, 5, 1, tzinfo=UTC), actor="a", source="test", correlation_id="c", traceparent="t", policy_version="y/1"
)  # fmt: skip
Deliveries = list[tuple[str, int]]


def relay(rig: Rig, **options: Any) -> Relay:
    return Relay(rig.dsns.writer, rig.place.kafka, rig.place.topic_prefix, "test", **options)


async def write(rig: Rig, deliveries: Deliveries) -> None:
    async with rig.db.write() as con:
        await append(con, CONTEXT, [Entry(v, TraineeRegistered(place_id=s, person_id="p", registered_at=CONTEXT.now)) for s, v in deliveries])  # fmt: skip


async def emptied(rig: Rig) -> bool:
    return not (await rig.rows("select count(*) from outbox"))[0][0]


async def in_kafka(rig: Rig, kafka: str = "") -> list[Any]:
    """All records of the topic, partition by partition."""
    reader = AIOKafkaConsumer(
        rig.place.topic_prefix + TOPIC, bootstrap_servers=kafka or rig.place.kafka, auto_offset_reset="earliest"
    )
    await reader.start()
    try:
        ends = await reader.end_offsets(reader.assignment())
        records: list[Any] = []
        while len(records) < sum(ends.values()):
            for part in (await reader.getmany(timeout_ms=1_000)).values():
                records += part
    finally:
        await reader.stop()
    return sorted(records, key=lambda r: (r.partition, r.offset))


def by_key(records: list[Any]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for record in records:
        found[record.key.decode()].append(decode(record.headers, record.key).streamversion)
    return found


def without_repeats(versions: list[int]) -> list[int]:
    """What a consumer with a cursor applies: the next version or nothing."""
    applied = 0
    for version in versions:
        applied = version if version == applied + 1 else applied
    return list(range(1, applied + 1))


async def test_rows_arrive_with_their_headers_in_order_and_leave_the_table(rig: Rig) -> None:
    sent = each(streams=25, versions=100)
    async with relay(rig) as running:
        for start in range(0, len(sent), 500):
            await write(rig, sent[start : start + 500])
            running.wake()
        await until(lambda: emptied(rig))
    records = await in_kafka(rig)
    assert by_key(records) == {f"s{n}": list(range(1, 101)) for n in range(25)}
    assert {r.partition for r in records} == {0, 1}
    envelope = decode(records[0].headers, records[0].key)
    assert (envelope.time, envelope.policyversion) == (CONTEXT.now, "y/1")
    assert len({decode(r.headers, r.key).id for r in records}) == len(sent)


async def test_business_time_is_not_the_records_time(rig: Rig) -> None:
    async with relay(rig):
        await write(rig, [("a", 1)])
        await until(lambda: emptied(rig))
    stamp = datetime.fromtimestamp((await in_kafka(rig))[0].timestamp / 1000, tz=UTC)
    assert abs(stamp - datetime.now(UTC)).total_seconds() < 60


async def test_a_wake_up_beats_the_poll(rig: Rig) -> None:
    async with relay(rig, poll=30.0) as running:
        await until(lambda: leads(running))
        await write(rig, [("a", 1)])
        running.wake()
        await until(lambda: emptied(rig), seconds=5)


async def test_rows_of_other_processes_are_found_by_the_poll(rig: Rig) -> None:
    async with relay(rig, poll=0.1):
        await write(rig, [("a", 1)])
        await until(lambda: emptied(rig), seconds=5)


async def test_what_is_there_is_sent_before_a_clean_stop(rig: Rig) -> None:
    async with relay(rig, poll=30.0) as running:
        await until(lambda: leads(running))
        await write(rig, each(streams=10, versions=30))
    assert await emptied(rig)
    assert running.sent == 300


async def test_large_rows_are_spread_over_batches(rig: Rig) -> None:
    payload = b'"' + b"x" * 890_000 + b'"'
    headers = [b"{}"] * 5
    async with rig.db.write() as con:
        await con.execute(module_append(), [TOPIC] * 5, ["a"] * 5, headers, [payload] * 5)
    async with relay(rig):
        await until(lambda: emptied(rig))
    assert [len(r.value) for r in await in_kafka(rig)] == [890_002] * 5


def module_append() -> str:
    from shared.outbox import Q

    return Q.append


async def test_only_one_relay_leads_and_another_takes_over(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAD_POLL", 0.05)
    first, second = relay(rig), relay(rig)
    async with second:
        async with first:
            await until(lambda: leads(first, second))
            assert [first.leading, second.leading].count(True) == 1
            await write(rig, each(streams=5, versions=4))
            await until(lambda: emptied(rig))
        await until(lambda: leads(second))
        await write(rig, each(streams=5, versions=4, first=5))
        await until(lambda: emptied(rig))
    assert by_key(await in_kafka(rig)) == {f"s{n}": list(range(1, 9)) for n in range(5)}


async def test_leadership_lost_between_send_and_delete_costs_duplicates_only(
    rig: Rig, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leader's connection dies when Kafka has acknowledged; a second relay sends the same rows and goes on."""
    monkeypatch.setattr(module, "LEAD_POLL", 0.05)
    lost = 0

    def lose(name: str) -> None:
        nonlocal lost
        lost += 1
        if lost <= 3:
            cut.set()

    cut = asyncio.Event()
    monkeypatch.setattr(module, "reach", lose)
    forget = asyncpg.Connection.execute

    async def slow_forget(self: Any, query: str, *args: Any, **options: Any) -> Any:
        if query == module.Q.forget and cut.is_set():
            cut.clear()
            async with provisioning(servers.postgres) as admin:
                await disconnect(admin, rig.dsns.name, "shipei relay")
        return await forget(self, query, *args, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", slow_forget)
    await write(rig, each(streams=10, versions=20))
    async with relay(rig, page=50), relay(rig, page=50):
        await until(lambda: emptied(rig))
    found = by_key(await in_kafka(rig))
    assert sum(map(len, found.values())) > 200
    assert {s: without_repeats(v) for s, v in found.items()} == {f"s{n}": list(range(1, 21)) for n in range(10)}


async def test_a_connection_lost_as_the_producer_starts_is_a_failure_like_any_other(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka's sending task has not run yet when it is ended, and its cancelling comes out of the producer's end."""
    start, lost = Sender.start, asyncio.Event()

    async def start_and_lose(self: Sender) -> None:
        await start(self)
        if not lost.is_set():
            lost.set()
            raise asyncpg.InterfaceError("connection is closed")

    monkeypatch.setattr(Sender, "start", start_and_lose)
    await write(rig, each(streams=5, versions=4))
    async with relay(rig) as running:
        await lost.wait()
        await until(lambda: emptied(rig))
        assert running._failures == 0
    assert by_key(await in_kafka(rig)) == {f"s{n}": [1, 2, 3, 4] for n in range(5)}


async def test_a_missing_topic_keeps_its_rows_and_is_not_fatal(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig.db.write() as con:
        await con.execute(module_append(), ["training.canteen.v1"], ["a"], [b"{}"], [b"1"])
    async with relay(rig, patience=0.3) as running:
        await until(lambda: failed(running))
        assert not await emptied(rig)
        async with rig.db.write() as con:
            await con.execute("delete from outbox")
        await write(rig, [("a", 1)])
        await until(lambda: emptied(rig))
    assert by_key(await in_kafka(rig)) == {"a": [1]}


async def failed(running: Relay) -> bool:
    return running._failures > 1


async def leads(*running: Relay) -> bool:
    return any(r.leading for r in running)
