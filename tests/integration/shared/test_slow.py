"""An event that is too slow whenever it is tried may not hold the other streams for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.consumer.apply import TRIES, Applier
from shared.consumer.records import Item
from shared.db import Connection
from shared.envelope import Received
from shared.events.enrolment import TraineeRegistered
from shared.parking import Redriven, redrive
from tests.integration.shared.rig import NOW, TOPIC, Rig, each, judge, read_all
from tests.support.streams import Streams

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
    monkeypatch.setattr("shared.consumer.apply.EFFECT_SECONDS", 2.7)
    monkeypatch.setattr("shared.consumer.apply.SLOW_SECONDS", 1.0)
    monkeypatch.setattr("shared.consumer.apply.EVENT_SECONDS", 1.0)


@pytest.mark.parametrize(
    ("first", "error"),
    [
        ("set local statement_timeout = '100ms'", "QueryCanceledError: c"),
        ("select 1", "TimeoutError: it took too long"),
    ],
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
        assert not consumer.applier._too_slow, "what is parked needs no counting"
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
        assert not consumer.applier._too_slow
    assert judge(await rig.ledger(), sent).clean


async def test_a_redrive_passes_over_what_is_still_too_slow(rig: Rig) -> None:
    sleeper = Sleeper(rig, "set local statement_timeout = '100ms'")
    rig.poison = {("b", 1)}
    await rig.send([("a", 1), *WAITING, ("b", 1)])
    async with rig.reading(sleeper) as consumer:
        await read_all(consumer, 60)
        (before,) = [p["error"] for p in await rig.parked() if (p["stream"], p["version"]) == SLOW]
        rig.poison = set()
        async with asyncio.timeout(20):
            assert await redrive(rig.db, consumer) == Redriven(applied=1, failed=len(WAITING))
    assert judge(await rig.ledger(), [("a", 1), ("b", 1)]).clean
    assert [p["error"] for p in await rig.parked() if p["attempts"] > 1] == [before], "one cause stays one group"


async def test_an_event_that_takes_long_has_all_the_time_when_it_comes_first(rig: Rig) -> None:
    """Longer than one among others may take, and never with its batch: the event behind it is broken."""
    rig.poison = {("a", 3)}

    async def heavy(con: Connection, received: Sequence[Received]) -> None:
        if any((r.stream, r.version) == SLOW for r in received):
            await con.execute("select pg_sleep(1.4)")
        await rig.write_ledger(con, received)

    await rig.send([("a", 1), *WAITING])
    async with rig.reading(heavy) as consumer:
        await read_all(consumer, 60)
    assert judge(await rig.ledger(), [("a", 1), SLOW]).clean
    assert [(p["stream"], p["version"], p["reason"]) for p in await rig.parked()] == [("a", 3, "failed")]


async def test_what_one_event_may_take_ends_before_the_transaction_does(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would count how often it was too slow, and its batch would be read for ever."""
    monkeypatch.setattr("shared.consumer.apply.EVENT_SECONDS", 5.0)
    await rig.send([("a", 1), *WAITING])
    async with rig.reading(Sleeper(rig)) as consumer:
        await read_all(consumer, 40)
    assert [(p["version"], p["reason"]) for p in await rig.parked()] == [(2, "failed"), (3, "gap")]


class Releasing:
    """A connection whose savepoints take a while to be released."""

    def __init__(self, con: Connection) -> None:
        self._con = con

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        async with self._con.transaction():
            yield
            await asyncio.sleep(0.5)


async def test_time_that_runs_out_while_its_effect_is_released_is_no_fault_of_the_event(rig: Rig) -> None:
    """It would be parked while what it did is committed."""
    registered = TraineeRegistered(place_id="a", person_id="p", registered_at=NOW)
    item = Item(TOPIC, 0, 0, b"a", [], b"", received=Streams().add(registered, NOW))
    async with rig.db.background() as con:
        await Applier("reader", rig.db, rig.write_ledger).apply_one(Releasing(con), item, 0.2)
    assert await rig.ledger() == [("a", 1)]
