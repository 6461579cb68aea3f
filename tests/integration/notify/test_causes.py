"""A message can be followed to the command that led to it, however many days lie between."""

from collections.abc import Mapping
from datetime import datetime

from services.notify import subscribers
from shared.envelope import Received
from shared.events import Event
from tests.integration.notify.ground import Ground, assigned, at, moved, opened, scheduled, selected
from tests.support.streams import feed

FIRST, SECOND, OPENED, MOVED = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


async def tell(ground: Ground, now: datetime, *commands: tuple[str, list[Event]]) -> list[Received]:
    """The events of several commands arrive in one batch."""
    received = [ground.streams.add(event, now, trace) for trace, events in commands for event in events]
    await feed(ground.db, subscribers.effect(None), [received])  # type: ignore[arg-type]  # it asks the runtime nothing
    return received


async def heads(ground: Ground, where: str) -> list[Mapping[str, str]]:
    """The headers of the events about these messages."""
    found = "select convert_from(headers, 'utf8')::jsonb as h from outbox join reminder on message_id = key"
    async with ground.db.system() as con:
        return [r["h"] for r in await con.fetch(f"{found} where {where} order by seq")]


def traces(found: list[Mapping[str, str]]) -> set[str]:
    return {h["ce_traceparent"].split("-")[1] for h in found}


async def test_each_message_goes_on_with_the_trace_of_what_it_was_planned_after(bare: Ground) -> None:
    one, two = await tell(bare, at(7, 20), (FIRST, [selected(1)]), (SECOND, [selected(2)]))
    await bare.send(at(7, 20, 10))
    for number, trace, cause in ((1, FIRST, one), (2, SECOND, two)):
        told = await heads(bare, f"person_id = 't{number}'")
        assert traces(told) == {trace}
        assert {h["ce_causationid"] for h in told} == {cause.envelope.id}
        assert len({h["ce_traceparent"] for h in told}) == len(told), "each is a span of its own"


async def test_what_is_sent_days_later_and_reported_then_keeps_its_cause(bare: Ground) -> None:
    await tell(bare, at(7, 20), (FIRST, [selected(1)]))
    await tell(bare, at(8, 2), (FIRST, [scheduled(), assigned(1)]))
    await tell(bare, at(8, 6), (OPENED, [opened()]))
    await bare.sweeper().sweep(at(8, 7, 3), at(8, 7).date())
    await bare.send(at(8, 16))
    await bare.receipts()
    reminded = await heads(bare, "kind = 'before-class' and person_id = 't1'")
    assert {h["ce_type"].split(".")[2] for h in reminded} == {"sent", "delivered"}
    assert traces(reminded) == {OPENED}
    await tell(bare, at(8, 17, 10), (MOVED, [moved()]))
    await bare.send(at(8, 17, 11))
    assert traces(await heads(bare, "announced = '2021-08-26' and person_id = 't1'")) == {MOVED}
