"""The proofs prove something: with a safeguard switched off, the same scenario loses or doubles, and the judge says so."""

from typing import Any

import pytest
from faststream import BaseMiddleware

from deploy.local.servers import Servers
from shared.consumer.order import Order
from shared.consumer.records import Item
from shared.consumer.rows import Rows
from shared.consumer.steering import Steering
from tests.integration.shared.rig import Rig, Verdict, each, judge, read_all, until
from tests.support.restoring import copy, put_back

SENT = each(streams=20, versions=6)


def test_the_judge_knows_the_three_faults() -> None:
    sent = [("a", 1), ("a", 2), ("b", 1)]
    assert judge(sent, sent).clean
    assert judge([("a", 1), ("b", 1)], sent).lost == {("a", 2)}
    assert judge([*sent, ("b", 1)], sent).doubled == {("b", 1)}
    assert judge([("a", 2), ("a", 1), ("b", 1)], sent) == Verdict(frozenset(), frozenset(), frozenset({"a"}))


async def test_without_the_cursor_duplicates_and_swaps_show(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_cursor(_: Order, item: Item) -> list[Item]:
        return [item] if item.received is not None else []

    monkeypatch.setattr(Order, "offer", without_cursor)
    swapped = [(s, v + 1 if v % 2 else v - 1) for s, v in SENT]
    async with rig.reading() as consumer:
        await rig.send(swapped)
        await rig.send(SENT[-5:])
        await read_all(consumer)
    verdict = judge(await rig.ledger(), SENT)
    assert verdict.doubled == set(SENT[-5:])
    assert verdict.disordered == {s for s, _ in SENT}


class FailingOnce(BaseMiddleware):
    """Raises before the handler, at the second batch."""

    batches = 0

    async def on_receive(self) -> None:
        type(self).batches += 1
        if type(self).batches == 2:
            raise RuntimeError("a middleware with a fault")
        await super().on_receive()


async def test_without_the_fence_a_raising_middleware_loses(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastStream's position goes on over the batch that raised."""

    async def without_fence(_: Rows, con: object, batch: Any) -> tuple[list[Item], bool]:
        return [item for part in sorted(batch) for item in batch[part]], False

    monkeypatch.setattr(Rows, "fence", without_fence)
    monkeypatch.setattr(Steering, "_compare", blind([]))
    await rig.send(SENT)
    async with rig.reading(max_records=10, ready=False, middlewares=[FailingOnce]) as consumer:
        await until(lambda: assigned(consumer))
        await read_all(consumer)
    assert judge(await rig.ledger(), SENT).lost


async def test_without_reconciling_a_restore_under_a_quiet_consumer_loses(
    rig: Rig, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[None] = []
    monkeypatch.setattr(Steering, "_compare", blind(rounds))
    older = await copy(servers, rig.dsns)
    async with rig.reading(reconcile_seconds=0.05) as consumer:
        await rig.send(SENT)
        await read_all(consumer)
        await put_back(servers, rig.dsns, older)
        done = len(rounds)
        await until(lambda: more_than(rounds, done + 10))
    assert judge(await rig.ledger(), SENT).lost == set(SENT)


def blind(rounds: list[None]) -> Any:
    async def compare(_: Steering) -> dict[Any, Any]:
        rounds.append(None)
        return {}

    return compare


async def more_than(rounds: list[None], wanted: int) -> bool:
    return len(rounds) > wanted


async def assigned(consumer: Any) -> bool:
    return bool(consumer._steering.assigned)
