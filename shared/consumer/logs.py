"""Where the logs of Kafka's topics begin and end."""

from collections.abc import Collection
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition


class Logs:
    """The topics' logs (``topics`` with their prefix), asked over a connection of its own. Enter it before use.

    The connection that fetches waits for records, and Kafka answers a connection's requests in order: asked there, each
    question took as long as ``fetch_max_wait_ms``.
    """

    def __init__(self, kafka: str, topics: Collection[str]) -> None:
        self._address = kafka
        self._topics = topics

    async def __aenter__(self) -> Self:
        self._asking = AIOKafkaConsumer(bootstrap_servers=self._address)
        known = [TopicPartition(topic, 0) for topic in self._topics]
        self._asking.assign(known)  # so that it learns their leaders; paused, it never fetches
        self._asking.pause(*known)
        try:
            await self._asking.start()
        except BaseException:
            await self._asking.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._asking.stop()

    def partitions(self, topic: str) -> list[TopicPartition]:
        """All partitions of a topic. Errors: RuntimeError when it is missing."""
        numbers = self._asking.partitions_for_topic(topic)
        if not numbers:
            raise RuntimeError(f"topic {topic} is missing")
        return [TopicPartition(topic, n) for n in numbers]

    async def begins(self, tps: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset of each partition's first record."""
        found: dict[TopicPartition, int] = await self._asking.beginning_offsets(tps)
        return found

    async def ends(self, tps: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that each partition's next record will have."""
        found: dict[TopicPartition, int] = await self._asking.end_offsets(tps)
        return found
