"""The thin FastStream shell around a consumer: fetches batches, keeps the group, stops in order.

FastStream loses a batch when anything before the handler raises (parser, decoder, validation, middleware) or when the handler
itself does. So parser and decoder here can't raise, the consumer never does, and its fence makes the rest harmless.
"""

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import chain
from typing import Any, Final, Protocol, Self

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.consumer import Consumer
from shared.consumer.logs import Logs
from shared.consumer.records import Record

HEARTBEAT_SHARE: Final = 15
LISTENING_MS: Final = 1_000
_WRAPPED: Final = "__shipei_consumer__"


class Where(Protocol):
    """What is read of a service's settings."""

    kafka: str
    topic_prefix: str
    replica: str


class Missing(Exception):  # noqa: N818  (says what is the matter)
    """Topics are not there; they are made at deployment, never by a service."""


class Subscription:
    """One consumer's membership in its group. Enter it to start; leaving it finishes the batch at hand.

    The member's id is fixed per replica, so a restart takes its partitions up again at once; ``session_ms`` is how long a
    dead member's partitions wait.
    """

    def __init__(
        self, consumer: Consumer, settings: Where, *, session_ms: int = 45_000, max_records: int = 500
    ) -> None:
        self.consumer = consumer
        self._kafka, self._prefix = settings.kafka, settings.topic_prefix
        self._topics = [self._prefix + topic for topic in consumer.topics]
        self.broker = KafkaBroker(
            settings.kafka,
            client_id=f"{consumer.name}-{settings.replica}",
            consumer_only=True,
            allow_auto_create_topics=False,
            graceful_timeout=45,
            logger=logging.getLogger("shipei.kafka"),
            log_level=logging.DEBUG,  # of a line per batch; warnings and errors keep their own
        )
        self.subscriber: Any = self.broker.subscriber(
            *self._topics,
            group_id=self._prefix + consumer.name,
            group_instance_id=f"{consumer.name}-{settings.replica}",
            batch=True,
            max_records=max_records,
            fetch_max_wait_ms=250,  # records end it early; a partition that was read empty waits that long for a fetch of the others
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=max(300, session_ms // HEARTBEAT_SHARE),
            rebalance_timeout_ms=60_000,
            listener=_Listener(consumer),
            parser=self._parse,
            decoder=_as_it_is,
            title=consumer.name,
        )
        self.subscriber.__class__ = _Listening
        self.subscriber(_handler(consumer))

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._check_topics()
            logs = await stack.enter_async_context(Logs(self._kafka, self._topics))
            stack.push_async_callback(self.consumer.stop)
            self.consumer.start(lambda: self.subscriber.consumer, logs, self._prefix)
            stack.push_async_callback(self.broker.stop)
            await self.broker.start()
            stack.callback(self.consumer.leave)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _check_topics(self) -> None:
        """Before the group is joined: aiokafka would wait 40 s for a topic that is not there, and go on without it."""
        async with AsyncExitStack() as stack:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka)
            stack.push_async_callback(admin.close)
            await admin.start()
            there = await admin.list_topics()
        missing = sorted(set(self._topics) - set(there))
        if missing:
            raise Missing(f"no such topics: {', '.join(missing)}; create them as deploy/topics.yaml says")

    async def _parse(self, records: Sequence[Record]) -> KafkaMessage:
        first = records[0]
        return KafkaMessage(
            body=[r.value or b"" for r in records],
            headers={},
            batch_headers=[],
            raw_message=records,
            message_id=f"{first.topic}:{first.partition}:{first.offset}",
            correlation_id="-",
            consumer=self.subscriber.consumer,
        )


class _Listening(BatchSubscriber):
    """FastStream's own waits for ``batch_timeout_ms`` and then sleeps as long, deaf to what comes; this one listens on.

    Only records end the wait early: with 10 ms instead, an idle process used twice the CPU and records were taken later.
    """

    __slots__ = ()

    async def get_msg(self, consumer: AIOKafkaConsumer) -> tuple[Any, ...]:
        found = await consumer.getmany(timeout_ms=LISTENING_MS, max_records=self.max_records)
        return tuple(chain.from_iterable(found.values()))


async def _as_it_is(message: KafkaMessage) -> Any:
    return message.raw_message


def _handler(consumer: Consumer) -> Any:
    async def apply(records: Any) -> None:
        await consumer(records)

    setattr(apply, _WRAPPED, consumer)
    return apply


def is_wrapped(subscriber: Any) -> bool:
    """Whether every handler of a FastStream subscriber is a consumer of ours; anything else may lose records."""
    return bool(subscriber.calls) and all(hasattr(call.handler._original_call, _WRAPPED) for call in subscriber.calls)  # noqa: SLF001  (FastStream tells it nowhere else)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Coroutines that never wait: FastStream runs plain functions in a thread, and the pause must precede any delivery."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Nothing: the fence keeps the former owner's last batch and the new owner's first apart."""

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._consumer.on_partitions_assigned(assigned)
