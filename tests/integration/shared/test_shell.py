"""What FastStream does around the consumer may fail; the fence brings the records back."""

from types import TracebackType
from typing import Any

import pytest
from faststream import BaseMiddleware
from faststream.kafka import KafkaBroker

from shared.consumer import Consumer
from shared.subscriber import Missing, Subscription, is_wrapped
from tests.integration.shared.rig import TOPIC, Rig, each, judge, read_all, until

SENT = each(streams=20, versions=30)


class Failing(BaseMiddleware):
    """Raises before the handler, at every seventh batch."""

    batches = 0

    async def on_receive(self) -> None:
        type(self).batches += 1
        if type(self).batches % 7 == 1:
            raise RuntimeError("a middleware with a fault")
        await super().on_receive()


class FailingLater(BaseMiddleware):
    """Raises after the handler."""

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> bool | None:
        await super().after_processed(exc_type, exc_val, exc_tb)
        raise RuntimeError("a middleware with a fault")


@pytest.mark.parametrize("middleware", [Failing, FailingLater])
async def test_a_raising_middleware_loses_nothing(rig: Rig, middleware: Any) -> None:
    await rig.send(SENT)
    async with rig.reading(reconcile_seconds=0.2, max_records=10, ready=False, middlewares=[middleware]) as consumer:
        await until(lambda: assigned(consumer))
        await read_all(consumer)
    assert judge(await rig.ledger(), SENT).clean


async def test_a_raising_handler_loses_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the wrapper itself had a fault and let an error out."""
    sound, calls = Consumer.__call__, 0

    async def faulty(self: Consumer, records: Any) -> None:
        nonlocal calls
        calls += 1
        if calls % 5 == 2:
            raise RuntimeError("escaped")
        await sound(self, records)

    monkeypatch.setattr(Consumer, "__call__", faulty)
    await rig.send(SENT)
    async with rig.reading(reconcile_seconds=0.2, max_records=10, ready=False) as consumer:
        await until(lambda: assigned(consumer))
        await read_all(consumer)
    assert calls > 10
    assert judge(await rig.ledger(), SENT).clean


async def assigned(consumer: Consumer) -> bool:
    return consumer._steering.assigned


async def test_a_missing_topic_is_said_at_the_start(rig: Rig) -> None:
    consumer = Consumer("reader", [TOPIC, "training.canteen.v1"], rig.db, rig.write_ledger)
    with pytest.raises(Missing, match=r"no such topics: .*training\.canteen\.v1"):
        async with Subscription(consumer, rig.place, session_ms=6_000):
            pass


async def test_a_service_tells_whether_it_is_ready(rig: Rig) -> None:
    consumer = Consumer("reader", [TOPIC], rig.db, rig.write_ledger)
    assert not consumer.ready
    with pytest.raises(RuntimeError, match="has not started"):
        await consumer.behind()
    async with rig.reading() as running:
        assert running.ready
        assert await running.behind() == 0


def test_a_subscriber_without_the_wrapper_is_recognised() -> None:
    broker = KafkaBroker("127.0.0.1:1")
    naked = broker.subscriber("topic", group_id="g")

    @naked
    async def handler(message: str) -> None: ...

    assert not is_wrapped(naked)
    assert not is_wrapped(broker.subscriber("other", group_id="g"))


def test_the_subscriber_of_a_subscription_is_wrapped(rig: Rig) -> None:
    subscription = Subscription(Consumer("reader", [TOPIC], rig.db, rig.write_ledger), rig.place)
    assert [is_wrapped(s) for s in subscription.broker.subscribers] == [True]


async def test_a_partition_that_stays_paused_is_noticed_and_read(rig: Rig) -> None:
    async with rig.reading(reconcile_seconds=0.3) as consumer:
        kafka = consumer._steering.kafka
        kafka.pause(*kafka.assignment())
        await rig.send(SENT)
        await until(lambda: unready(consumer))
        await read_all(consumer)
    assert judge(await rig.ledger(), SENT).clean


async def unready(consumer: Consumer) -> bool:
    return not consumer.ready
