"""PostgreSQL and Kafka disagree about what was read: a restore, a lost group, a removed segment."""

from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import CommitFailedError, NotLeaderForPartitionError

from deploy.local import topics
from deploy.local.servers import Servers
from shared.consumer import Consumer
from tests.integration.shared.rig import TOPIC, Deliveries, Rig, each, judge, read_all, until
from tests.support.restoring import copy, out_of_reach, put_back

FIRST, SECOND, THIRD = (each(streams=20, versions=10, first=first) for first in (1, 11, 21))


async def test_a_database_put_back_under_a_live_consumer_catches_up(rig: Rig, servers: Servers) -> None:
    await rig.send(FIRST)
    async with rig.reading() as consumer:
        await read_all(consumer)
    older = await copy(servers, rig.dsns)
    async with rig.reading(reconcile_seconds=0.2) as consumer:
        await rig.send(SECOND)
        await read_all(consumer)
        assert await rig.count() == len(FIRST + SECOND)
        await put_back(servers, rig.dsns, older)
        assert await rig.count() == len(FIRST)
        await until(lambda: has(rig, len(FIRST + SECOND)))
        await rig.send(THIRD)
        await read_all(consumer)
    assert judge(await rig.ledger(), FIRST + SECOND + THIRD).clean
    assert not await rig.parked()


async def test_a_database_put_back_under_load_catches_up(rig: Rig, servers: Servers) -> None:
    await rig.send(FIRST)
    async with rig.reading() as consumer:
        await read_all(consumer)
    older = await copy(servers, rig.dsns)
    async with rig.reading(reconcile_seconds=0.2, max_records=7) as consumer:
        await rig.send(SECOND)
        await until(lambda: has(rig, len(FIRST) + 50))
        await put_back(servers, rig.dsns, older)
        await rig.send(THIRD)
        await until(lambda: has(rig, len(FIRST + SECOND + THIRD)))
        await read_all(consumer)
    assert judge(await rig.ledger(), FIRST + SECOND + THIRD).clean


async def test_a_database_put_back_to_before_the_first_read_catches_up(rig: Rig, servers: Servers) -> None:
    """Even the consumer's own rows are gone then."""
    older = await copy(servers, rig.dsns)
    async with rig.reading(reconcile_seconds=0.2) as consumer:
        await rig.send(FIRST)
        await read_all(consumer)
        await put_back(servers, rig.dsns, older)
        await until(lambda: has(rig, len(FIRST)))
        await rig.send(SECOND)
        await read_all(consumer)
    assert judge(await rig.ledger(), FIRST + SECOND).clean


async def test_a_group_that_is_ahead_of_postgresql_is_put_back(rig: Rig) -> None:
    await rig.send(FIRST)
    await commit_group(rig, offsets_at_end=True)
    async with rig.reading() as consumer:
        await read_all(consumer)
    assert judge(await rig.ledger(), FIRST).clean


async def test_a_group_that_lost_its_offsets_goes_on(rig: Rig) -> None:
    await rig.send(FIRST)
    async with rig.reading(session_ms=1_000) as consumer:
        await read_all(consumer)
    await until(lambda: forget_group(rig))  # Kafka keeps a static member for its session
    await rig.send(SECOND)
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert consumer.counts["duplicates"] == 0
    assert judge(await rig.ledger(), FIRST + SECOND).clean


async def forget_group(rig: Rig) -> bool:
    with suppress(CommitFailedError):
        await commit_group(rig, offsets_at_end=False)
        return True
    return False


async def commit_group(rig: Rig, *, offsets_at_end: bool) -> None:
    """Let the group's committed offsets be the end of the topic, or the beginning."""
    outsider = AIOKafkaConsumer(bootstrap_servers=rig.place.kafka, group_id=rig.place.topic_prefix + "reader")
    await outsider.start()
    try:
        parts = [TopicPartition(rig.place.topic_prefix + TOPIC, p) for p in (0, 1)]
        outsider.assign(parts)
        await outsider.commit(await (outsider.end_offsets if offsets_at_end else outsider.beginning_offsets)(parts))
    finally:
        await outsider.stop()


async def test_records_that_were_removed_unread_raise_an_alarm(rig: Rig) -> None:
    await rig.send(FIRST)
    async with rig.reading() as consumer:
        await read_all(consumer)
    await rig.send(SECOND)
    removed = await remove_up_to_end(rig)
    await rig.send(THIRD)
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert consumer.alarms == len(removed)
    assert judge(await rig.ledger(), FIRST).clean
    assert {(p["stream"], p["version"], p["reason"]) for p in await rig.parked()} == {(s, v, "gap") for s, v in THIRD}


async def remove_up_to_end(rig: Rig) -> dict[TopicPartition, int]:
    outsider = AIOKafkaConsumer(bootstrap_servers=rig.place.kafka)
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.place.kafka)
    await outsider.start()
    await admin.start()
    try:
        parts = [TopicPartition(rig.place.topic_prefix + TOPIC, p) for p in (0, 1)]
        ends: dict[TopicPartition, int] = await outsider.end_offsets(parts)
        await admin.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in ends.items()})
    finally:
        await admin.close()
        await outsider.stop()
    return ends


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(rig: Rig, servers: Servers) -> None:
    """Kafka put back to an older state: its next events stand at offsets that were passed long ago."""
    await rig.send(FIRST)
    async with rig.reading() as consumer:
        await read_all(consumer)
    await topics.delete(servers.kafka, rig.place.topic_prefix)
    await topics.create(servers.kafka, rig.place.topic_prefix)
    await until(lambda: sent_anew(rig, FIRST[-20:] + SECOND[:40]))
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert consumer.alarms > 0
    assert judge(await rig.ledger(), FIRST + SECOND[:40]).clean


async def sent_anew(rig: Rig, deliveries: Deliveries) -> bool:
    """As the relay does: again with a new producer while a topic that was just made has no leader."""
    await rig.renew_sender()
    try:
        await rig.send(deliveries)
    except NotLeaderForPartitionError:
        return False
    return True


async def test_nothing_is_lost_while_postgresql_is_away(rig: Rig, servers: Servers) -> None:
    async with rig.reading(max_records=10) as consumer:
        await rig.send(FIRST)
        async with out_of_reach(servers, rig.dsns):
            await rig.send(SECOND)
            await until(lambda: failing(consumer))
        await until(lambda: has(rig, len(FIRST + SECOND)))
        assert not consumer.counts["parked"]
    assert judge(await rig.ledger(), FIRST + SECOND).clean


async def failing(consumer: Consumer) -> bool:
    return not consumer.ready


async def has(rig: Rig, rows: int) -> bool:
    return await rig.count() >= rows
