"""A partition that nobody reads on in shows in the figures though it has one record to read and the other one flows."""

from aiokafka import TopicPartition

from shared.consumer import Consumer
from shared.service import _lag
from tests.integration.shared.rig import TOPIC, Rig, each, read_all, until


async def test_one_waiting_record_in_a_partition_that_does_not_move_is_told_by_its_age(rig: Rig) -> None:
    async with rig.reading() as consumer:
        await rig.send([("a", 1)])
        await read_all(consumer)
        ((partition,),) = await rig.rows("select partition from consumer_offset where next > 0")
        held = TopicPartition(rig.place.topic_prefix + TOPIC, partition)
        consumer._steering.kafka.pause(held)
        sent = each(streams=8, versions=2)
        await rig.send([("a", 2), *sent])
        await until(lambda: others_are_read(rig, consumer, partition))
        first = await _lag(consumer)
        second = await _lag(consumer)
        assert 0 < first["consumer_behind"] == second["consumer_behind"] < 100
        assert second["consumer_stuck_seconds"] > first["consumer_stuck_seconds"] > 0
        consumer._steering.kafka.resume(held)
        await read_all(consumer)
        assert await _lag(consumer) == {"consumer_behind": 0, "consumer_stuck_seconds": 0}
    assert len(await rig.ledger()) == 2 + len(sent)


async def others_are_read(rig: Rig, consumer: Consumer, held: int) -> bool:
    """Whether all that is left to read is in the held partition; asks as often as a scrape would."""
    left = await consumer.behind()
    ends = await consumer._offsets.logs.ends([TopicPartition(rig.place.topic_prefix + TOPIC, held)])
    ((following,),) = await rig.rows("select next from consumer_offset where partition = $1", held)
    return bool(0 < left == next(iter(ends.values())) - following)
