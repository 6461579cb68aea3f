"""Delivery is at least once and may be out of order; effects are exactly once and in order."""

import random

from tests.integration.shared.rig import Rig, each, judge, read_all, row


async def test_each_event_has_one_effect_in_order(rig: Rig) -> None:
    sent = each(streams=50, versions=20)
    await rig.send(sent)
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert consumer.counts["applied"] == len(sent)
    assert judge(await rig.ledger(), sent).clean


async def test_duplicates_have_no_effect(rig: Rig) -> None:
    sent = each(streams=10, versions=6)
    async with rig.reading() as consumer:
        await rig.send(sent)
        await rig.send([*sent[-20:], *sent[:30]])
        await read_all(consumer)
        assert consumer.counts["duplicates"] == 50
    assert judge(await rig.ledger(), sent).clean
    assert not await rig.parked()


async def test_swapped_events_are_put_in_order(rig: Rig) -> None:
    sent = each(streams=20, versions=8)
    swapped = [(s, v + 1 if v % 2 else v - 1) for s, v in sent]
    async with rig.reading() as consumer:
        await rig.send(swapped)
        await read_all(consumer)
    assert judge(await rig.ledger(), sent).clean
    assert not await rig.parked()


async def test_an_early_event_waits_in_the_database_for_a_later_batch(rig: Rig) -> None:
    async with rig.reading() as consumer:
        await rig.send([("a", 1), ("a", 4), ("a", 3), ("b", 1)])
        await read_all(consumer)
        assert await rig.ledger() == [("a", 1), ("b", 1)]
        assert [(p["stream"], p["version"], p["reason"]) for p in await rig.parked()] == [
            ("a", 3, "gap"),
            ("a", 4, "gap"),
        ]
        await rig.send([("a", 2), ("a", 5)])
        await read_all(consumer)
    assert judge(await rig.ledger(), [("a", v) for v in range(1, 6)] + [("b", 1)]).clean
    assert not await rig.parked()


async def test_a_restart_goes_on_where_it_was(rig: Rig) -> None:
    first, second = each(streams=10, versions=3), each(streams=10, versions=3, first=4)
    await rig.send(first)
    async with rig.reading() as consumer:
        await read_all(consumer)
    await rig.send(second)
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert consumer.counts["applied"] == len(second)
        assert consumer.counts["duplicates"] == 0
    assert judge(await rig.ledger(), first + second).clean


async def test_a_new_name_reads_everything_again(rig: Rig) -> None:
    sent = each(streams=5, versions=2)
    await rig.send(sent)
    async with rig.reading(name="reader") as consumer:
        await read_all(consumer)
    async with rig.reading(name="reader-2") as consumer:
        await read_all(consumer)
        assert consumer.counts["applied"] == len(sent)


async def test_an_unknown_type_is_counted_and_moves_the_version(rig: Rig) -> None:
    await rig.send_raw([row("a", 1), row("a", 2, ce_type="training.trainee.promoted.v1", payload=b"?"), row("a", 3)])
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert consumer.counts["unknown"] == 1
    assert await rig.ledger() == [("a", 1), ("a", 3)]
    assert not await rig.parked()


async def test_an_unknown_major_version_is_parked(rig: Rig) -> None:
    await rig.send_raw([row("a", 1), row("a", 2, ce_type="training.trainee.registered.v2"), row("a", 3)])
    async with rig.reading() as consumer:
        await read_all(consumer)
    assert await rig.ledger() == [("a", 1)]
    assert [(p["version"], p["reason"]) for p in await rig.parked()] == [(2, "undecodable"), (3, "gap")]


async def test_random_delivery_ends_in_the_same_ledger(rig: Rig) -> None:
    chance = random.Random(20260301)
    sent = each(streams=30, versions=30)
    deliveries = list(sent)
    for _ in range(300):
        deliveries.insert(chance.randrange(len(deliveries)), chance.choice(sent))
    for _ in range(200):
        a, b = chance.randrange(len(deliveries)), chance.randrange(len(deliveries))
        deliveries[a], deliveries[b] = deliveries[b], deliveries[a]
    async with rig.reading(max_records=40) as consumer:
        await rig.send(deliveries)
        await read_all(consumer)
    assert judge(await rig.ledger(), sent).clean
    assert not await rig.parked()
