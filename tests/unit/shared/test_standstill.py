"""A partition with something to read that does not move is noticed, however much the others do."""

from aiokafka import TopicPartition

from shared.consumer.standstill import Standstill

STUCK, FLOWING = TopicPartition("t", 0), TopicPartition("t", 1)


def test_one_record_that_nobody_takes_counts_from_the_first_look() -> None:
    standstill = Standstill()
    assert [standstill.look({STUCK: 7, FLOWING: n * 1000}, 100.0 + n * 15) for n in range(4)] == [0, 15, 30, 45]


def test_whoever_moves_or_has_nothing_to_read_begins_anew() -> None:
    standstill = Standstill()
    looks = [{STUCK: 7}, {STUCK: 7}, {STUCK: 8}, {STUCK: 8}, {}, {STUCK: 8}, {STUCK: 8}]
    assert [standstill.look(waiting, 10.0 * n) for n, waiting in enumerate(looks)] == [0, 10, 0, 10, 0, 0, 10]


def test_the_one_that_stands_longest_is_told() -> None:
    standstill = Standstill()
    standstill.look({STUCK: 7}, 0)
    assert standstill.look({STUCK: 7, FLOWING: 1}, 60) == 60
    assert standstill.look({FLOWING: 1}, 90) == 30
