"""An event that can't be applied holds its own stream and nothing else, until it is redriven."""

import asyncio
from typing import Any

import pytest

from shared.parking import Redriven, list_parked, redrive
from tests.integration.shared.rig import TOPIC, Rig, each, judge, read_all, row, until

HELD = [("a", v) for v in range(3, 7)]


@pytest.fixture
def repaired(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets this process read what it could not: as a new release of the code would."""

    def repair() -> None:
        from shared import envelope

        good = envelope._DECODE["training.trainee.registered.v1"]
        replacement = row("a", 3)["payload"]
        monkeypatch.setitem(
            envelope._DECODE, "training.trainee.registered.v1", lambda b: good(replacement if b == b"poison" else b)
        )

    return repair


async def poison_the_third(rig: Rig) -> None:
    rows = [row("a", v, **({"payload": b"poison"} if v == 3 else {})) for v in range(1, 7)]
    others = [row(s, v) for s, v in each(streams=20, versions=6)]
    await rig.send_raw([r for pair in zip(rows * 20, others, strict=False) for r in pair][: len(others)] + rows)


async def test_versions_4_to_6_wait_for_an_undecodable_3_and_other_streams_flow(rig: Rig) -> None:
    await poison_the_third(rig)
    await rig.send(each(streams=20, versions=6))
    async with rig.reading() as consumer:
        await read_all(consumer)
    assert judge(await rig.ledger(), [("a", 1), ("a", 2), *each(streams=20, versions=6)]).clean
    assert [(p["version"], p["reason"]) for p in await rig.parked()] == [
        (3, "undecodable"),
        (4, "gap"),
        (5, "gap"),
        (6, "gap"),
    ]


async def test_duplicates_of_parked_events_do_not_multiply(rig: Rig) -> None:
    async with rig.reading() as consumer:
        for _ in range(3):
            await poison_the_third(rig)
            await read_all(consumer)
    assert [p["version"] for p in await rig.parked()] == [3, 4, 5, 6]


async def test_redrive_applies_3_to_6_in_order_under_load(rig: Rig, repaired: Any) -> None:
    await rig.send([("b", 1)])
    load = [("a", v) for v in range(7, 60)]
    async with rig.reading(max_records=5) as consumer:
        await poison_the_third(rig)
        await read_all(consumer)
        before = await redrive(rig.db, consumer)
        assert before == Redriven(applied=0, failed=4)
        repaired()
        sending = asyncio.create_task(send_slowly(rig, load))
        done = [await redrive(rig.db, consumer)]
        while not sending.done():
            done.append(await redrive(rig.db, consumer))
        await sending
        await read_all(consumer)
        done.append(await redrive(rig.db, consumer))
    assert done[-1].failed == 0
    assert sum(d.applied for d in done) >= len(HELD)
    ledger = await rig.ledger()
    assert judge([r for r in ledger if r[0] == "a"], [("a", v) for v in range(1, 60)]).clean
    assert not await rig.parked()


async def send_slowly(rig: Rig, deliveries: list[tuple[str, int]]) -> None:
    for delivery in deliveries:
        await rig.send([delivery])


async def test_the_attempts_and_the_cause_are_kept(rig: Rig) -> None:
    await poison_the_third(rig)
    async with rig.reading() as consumer:
        await read_all(consumer)
        await redrive(rig.db, consumer, "a")
        await redrive(rig.db, consumer, "another")
    groups = await list_parked(rig.db)
    assert [(g["reason"], g["records"], g["streams"], g["attempts"]) for g in groups] == [
        ("undecodable", 1, 1, 2),
        ("gap", 3, 1, 1),
    ]
    assert groups[0]["topic"] == TOPIC
    assert "training.trainee.registered.v1" in groups[0]["error"]


async def test_an_effect_that_refuses_parks_the_guilty_event_alone(rig: Rig) -> None:
    rig.poison = {("s3", 2), ("s7", 1)}
    sent = each(streams=10, versions=4)
    await rig.send(sent)
    async with rig.reading() as consumer:
        await read_all(consumer)
        waiting = {("s3", 2), ("s3", 3), ("s3", 4), ("s7", 1), ("s7", 2), ("s7", 3), ("s7", 4)}
        assert judge(await rig.ledger(), set(sent) - waiting).clean
        assert {(p["stream"], p["version"]) for p in await rig.parked() if p["reason"] == "failed"} == rig.poison
        rig.poison = set()
        assert await redrive(rig.db, consumer) == Redriven(applied=7, failed=0)
    assert judge(await rig.ledger(), sent).clean


async def test_a_redrive_stops_at_what_still_fails(rig: Rig) -> None:
    rig.poison = {("a", 2), ("a", 4)}
    await rig.send([("a", v) for v in range(1, 7)])
    async with rig.reading() as consumer:
        await read_all(consumer)
        rig.poison = {("a", 4)}
        assert await redrive(rig.db, consumer) == Redriven(applied=2, failed=3)
        assert [(p["version"], p["reason"]) for p in await rig.parked()] == [(4, "failed"), (5, "gap"), (6, "gap")]
        rig.poison = set()
        assert await redrive(rig.db, consumer) == Redriven(applied=3, failed=0)
    assert judge(await rig.ledger(), [("a", v) for v in range(1, 7)]).clean


async def test_two_redrives_at_once_apply_each_event_once(rig: Rig) -> None:
    rig.poison = {(f"s{n}", 1) for n in range(10)}
    sent = each(streams=10, versions=5)
    await rig.send(sent)
    async with rig.reading() as consumer:
        await read_all(consumer)
        rig.poison = set()
        done = await asyncio.gather(*[redrive(rig.db, consumer) for _ in range(3)])
    assert sum(d.applied for d in done) == len(sent)
    assert judge(await rig.ledger(), sent).clean
    assert not await rig.parked()


async def test_a_first_event_can_be_redriven_beside_its_own_duplicates(rig: Rig) -> None:
    rig.poison = {("a", 1)}
    async with rig.reading(max_records=1) as consumer:
        await rig.send([("a", 1)])
        await read_all(consumer)
        rig.poison = set()
        await rig.send([("a", 1)] * 20)
        await asyncio.gather(*[redrive(rig.db, consumer) for _ in range(3)])
        await read_all(consumer)
    assert await rig.ledger() == [("a", 1)]
    assert not await rig.parked()


NASTY: list[dict[str, Any]] = [
    {"ce_streamversion": str(2**40)},
    {"ce_streamversion": "-3"},
    {"ce_streamversion": "0"},
    {"ce_streamversion": "true"},
    {"ce_streamversion": "1.5"},
    {"ce_streamversion": "9" * 5000},
    {"ce_stream": "another"},
    {"ce_id": "nul\0"},
    {"ce_type": "nonsense"},
    {"ce_type": None},
    {"ce_time": "2026-03-01"},
    {"payload": b"[" * 100_000},
    {"payload": b"\xff\xfe"},
    {"payload": b'"\\ud800"'},
    {"payload": b""},
    {"payload": b'{"place_id":"x\\u0000","person_id":"p","registered_at":"2026-03-01T09:00:00Z"}'},
    {"key": "nul\0key", "ce_stream": "nul\0key"},
    {"key": "x" * 300, "ce_stream": "x" * 300},
]


@pytest.mark.parametrize("changes", NASTY, ids=lambda c: "-".join(f"{k}={v!r:.20}" for k, v in c.items()))
async def test_no_record_blocks_its_partition(rig: Rig, changes: dict[str, Any]) -> None:
    sent = each(streams=6, versions=2)
    await rig.send_raw([row("nasty", 1, **changes), *[row(s, v) for s, v in sent]])
    async with rig.reading() as consumer:
        await read_all(consumer)
    assert judge(await rig.ledger(), sent).clean
    assert len(await rig.parked()) == 1


async def test_an_event_with_a_nul_in_its_text_is_parked_by_the_database(rig: Rig) -> None:
    """PostgreSQL refuses the character only when the effect writes it."""

    async def effect(con: Any, received: Any) -> None:
        await con.execute("select $1::text", "\0" if any(r.stream == "a" for r in received) else "-")
        await rig.write_ledger(con, received)

    await rig.send([("a", 1), ("b", 1)])
    async with rig.reading(effect) as consumer:
        await read_all(consumer)
    assert await rig.ledger() == [("b", 1)]
    assert [p["reason"] for p in await rig.parked()] == ["failed"]


async def test_a_wrong_argument_is_the_events_fault_not_the_connections(rig: Rig) -> None:
    async def effect(con: Any, received: Any) -> None:
        if any(r.stream == "a" for r in received):
            await con.execute("select $1::int", "not a number")
        await rig.write_ledger(con, received)

    await rig.send([("a", 1), ("b", 1)])
    async with rig.reading(effect) as consumer:
        await read_all(consumer)
    assert await rig.ledger() == [("b", 1)]


async def test_a_slow_batch_commits_what_it_has(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one takes longer than a transaction may: the rest is read again, nothing is done twice."""
    monkeypatch.setattr("shared.consumer.apply.SLOW_SECONDS", 0.05)
    rig.poison = {("s0", 1)}
    sent = each(streams=10, versions=30)
    await rig.send(sent)
    async with rig.reading() as consumer:
        await read_all(consumer)
        await until(lambda: ready(consumer))
        assert consumer.counts["strays"] > 0
    expected = [(s, v) for s, v in sent if s != "s0"]
    assert judge(await rig.ledger(), expected).clean


async def ready(consumer: Any) -> bool:
    return bool(consumer.ready)
