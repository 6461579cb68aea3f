"""An event that is too slow whenever it is tried may not hold the other streams for ever."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from shared.consumer.apply import TRIES
from shared.envelope import Received
from shared.parking import Redriven, redrive
from tests.integration.shared.rig import Rig, each, judge, read_all

SLOW = ("a", 2)
WAITING = [("a", 2), ("a", 3)]


class Sleeper:
    """An effect that lets the database sleep whenever it gets one event, ``calls`` times at most."""

    def __init__(self, rig: Rig, first: str = "select 1", calls: int = 1_000) -> None:
        self._rig, self._first, self._left = rig, first, calls

    def cure(self) -> None:
        self._left = 0

    async def __call__(self, con: Any, received: Sequence[Received]) -> None:
        if self._left and any((r.stream, r.version) == SLOW for r in received):
            self._left -= 1
            await con.execute(f"{self._first}; select pg_sleep(30)")
        await self._rig.write_ledger(con, received)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.consumer.apply.TRANSACTION_SECONDS", 3.0)
    monkeypatch.setattr("shared.consumer.apply.SLOW_SECONDS", 1.0)
    monkeypatch.setattr("shared.consumer.apply.EVENT_SECONDS", 1.0)


@pytest.mark.parametrize(
    ("first", "error"),
    [("set local statement_timeout = '100ms'", "QueryCanceledError"), ("select 1", "TimeoutError")],
    ids=["the database gives up", "the consumer gives up"],
)
async def test_an_event_that_is_always_too_slow_is_parked_and_other_streams_flow(
    rig: Rig, first: str, error: str
) -> None:
    sleeper, others = Sleeper(rig, first), each(streams=8, versions=3)
    sent = [*others, ("a", 1), *WAITING]
    await rig.send(sent)
    async with rig.reading(sleeper) as consumer:
        await read_all(consumer, 60)
        assert judge(await rig.ledger(), [*others, ("a", 1)]).clean
        parked = await rig.parked()
        assert [(p["stream"], p["version"], p["reason"]) for p in parked] == [("a", 2, "failed"), ("a", 3, "gap")]
        assert parked[0]["error"].startswith(error)
        sleeper.cure()
        assert await redrive(rig.db, consumer) == Redriven(applied=len(WAITING), failed=0)
    assert judge(await rig.ledger(), sent).clean


async def test_an_event_that_was_slow_for_a_while_is_not_parked(rig: Rig) -> None:
    """Each time it is tried twice, with its batch and alone."""
    sent = [*each(streams=3, versions=2), ("a", 1), *WAITING]
    await rig.send(sent)
    async with rig.reading(Sleeper(rig, "set local statement_timeout = '100ms'", 2 * (TRIES - 1))) as consumer:
        await read_all(consumer, 60)
        assert consumer.counts["parked"] == 0
    assert judge(await rig.ledger(), sent).clean


async def test_a_redrive_passes_over_what_is_still_too_slow(rig: Rig) -> None:
    sleeper = Sleeper(rig, "set local statement_timeout = '100ms'")
    rig.poison = {("b", 1)}
    await rig.send([("a", 1), *WAITING, ("b", 1)])
    async with rig.reading(sleeper) as consumer:
        await read_all(consumer, 60)
        rig.poison = set()
        async with asyncio.timeout(20):
            assert await redrive(rig.db, consumer) == Redriven(applied=1, failed=len(WAITING))
    assert judge(await rig.ledger(), [("a", 1), ("b", 1)]).clean
