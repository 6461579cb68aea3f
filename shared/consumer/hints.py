"""Tells Kafka how far the consumer is, at leisure: only tools that watch the lag need it."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

if TYPE_CHECKING:
    from shared.consumer.steering import Kafka

log = structlog.get_logger()
SECONDS: Final = 3.0  # a commit may take that long; aiokafka itself would retry without end
EVERY: Final = 1.0  # s between commits


class Hints:
    """The newest offsets that Kafka was not told yet."""

    def __init__(self) -> None:
        self._offsets: dict[TopicPartition, int] = {}
        self._there = asyncio.Event()

    def add(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Records up to these offsets were applied."""
        self._offsets |= offsets
        if self._offsets:
            self._there.set()

    def forget(self) -> None:
        """The partitions may belong to others now."""
        self._offsets.clear()

    async def commit_on(self, kafka: "Kafka") -> None:
        """Wait for news, tell them, rest. Failures are harmless."""
        await self._there.wait()
        self._there.clear()
        offsets, self._offsets = self._offsets, {}
        try:
            if offsets:
                await asyncio.wait_for(kafka.commit(offsets), SECONDS)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            log.debug("offsets not told to Kafka; it does not need them", error=type(error).__name__)
        await asyncio.sleep(EVERY)
