"""Facts and entries in a real PostgreSQL: any order between streams, repeats, two members at once, the reader's scope."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.blacklist.entries import service
from services.blacklist.record.store import record_of
from shared.auth import Principal
from shared.db import Database
from shared.envelope import Received
from tests.integration.blacklist.ground import (
    NO_SHOW,
    UNTIL,
    confirm,
    dump,
    dump_facts,
    entries,
    follow,
    frame,
    officer,
    own_events,
    person,
    sent,
    story,
)
from tests.support.databases import NewDatabase
from tests.support.streams import batches, feed
from tests.support.year import at


@pytest.mark.rule("L02", "L03")
async def test_dropouts_become_entries_with_their_evidence(db: Database) -> None:
    await feed(db, follow, [story().streams.received])
    found = await entries(db)
    assert {(e.cause, e.state, e.complete) for e in found.values()} == {
        ("no_show", "notified", True),
        ("dismissed", "notified", True),
    }
    assert found[NO_SHOW].reply_until == UNTIL
    assert [(k, t) for k, t, _ in await sent(db) if k == NO_SHOW] == [(NO_SHOW, "proposed"), (NO_SHOW, "notified")]


@pytest.mark.rule("L09")
async def test_any_order_and_any_repeat_gives_one_entry_each(db: Database, new_database: NewDatabase) -> None:
    year = story()
    await feed(db, follow, [year.streams.received])
    wanted = {k: (e.state, e.complete, e.evidence, e.reply_until) for k, e in (await entries(db)).items()}
    for seed in range(6):
        dsns = await new_database("blacklist")
        chance = random.Random(seed)
        async with Database(dsns.writer, dsns.reader) as other:
            await feed(other, follow, batches(year.streams.shuffled(chance, repeats=30), chance, most=8))
            found = await entries(other)
            assert {k: (e.state, e.complete, e.evidence, e.reply_until) for k, e in found.items()} == wanted
            versions = [int(v) for k, _, v in await sent(other) if k == NO_SHOW]
            assert versions == list(range(1, len(versions) + 1))
            assert found[NO_SHOW].version == len(versions)
            assert await dump_facts(other) == await dump_facts(db)


async def test_replaying_everything_changes_nothing_and_sends_nothing(db: Database) -> None:
    year = story()
    await feed(db, follow, [year.streams.received])
    before = (await dump(db), await sent(db))
    await feed(db, follow, [year.streams.received])
    await feed(db, follow, [year.streams.received[50:], await own_events(db)])
    assert (await dump(db), await sent(db)) == before


async def test_two_members_that_hear_halves_at_the_same_time_miss_nothing(new_database: NewDatabase) -> None:
    year = story()
    halves: Sequence[list[Received]] = ([], [])
    for r in year.streams.received:
        halves[r.topic in {"training.class.v1", "training.message.v1", "training.programme.v1"}].append(r)
    for seed in range(5):
        dsns = await new_database("blacklist")
        chance = random.Random(seed)
        async with Database(dsns.writer, dsns.reader) as one:
            await asyncio.gather(*[feed(one, follow, batches(half, chance, most=5)) for half in halves])
            assert {(e.cause, e.state, e.complete) for e in (await entries(one)).values()} == {
                ("no_show", "notified", True),
                ("dismissed", "notified", True),
            }


@pytest.mark.rule("L13")
async def test_a_class_cancelled_after_all_voids_even_a_confirmed_ban(db: Database) -> None:
    year = story()
    await feed(db, follow, [year.streams.received])
    for who in ("li", "wang"):
        await confirm(db, who, UNTIL + timedelta(days=10))
    known = len(year.streams.received)
    year.cancel("class")
    await feed(db, follow, [year.streams.received[known:]])
    assert {(e.state, e.quash_reason) for e in (await entries(db)).values()} == {("quashed", "class_cancelled")}
    async with db.system() as con:
        assert await record_of(con, "person-a0") == []
        assert not (await service.standing(con, "person-a0", "province", ["in_person"], at(10, 1).date()))["barred"]


@pytest.mark.rule("L01", "L02")
async def test_a_corrected_no_show_leaves_a_line_that_does_not_count_in_any_order(new_database: NewDatabase) -> None:
    year = story()
    year.step("a0", "withdrawn")
    year.step("a0", "checked_in")
    for seed in range(3):
        dsns = await new_database("blacklist")
        chance = random.Random(seed)
        async with Database(dsns.writer, dsns.reader) as one:
            await feed(one, follow, batches(year.streams.shuffled(chance, repeats=20), chance, most=8))
            found = (await entries(one)).get(NO_SHOW)
            assert found is None or (found.state, found.quash_reason) == ("quashed", "attendance_corrected")
            async with one.system() as con:
                lines = [(f["fact"], f["sign"], f["withdrawn"]) for f in await record_of(con, "person-a0")]
        assert ("no_show", "neutral", "attendance_corrected") in lines
        assert ("checked_in", "good", None) in lines


@pytest.mark.rule("L01")
async def test_the_record_keeps_good_and_bad_with_their_signs_and_is_append_only(db: Database) -> None:
    await feed(db, follow, [story().streams.received])
    async with db.system() as con:
        dropped = [(f["fact"], f["sign"]) for f in await record_of(con, "person-a0")]
        completed = [(f["fact"], f["sign"]) for f in await record_of(con, "person-a3")]
    assert dropped == [("selected", "neutral"), ("notified", "neutral"), ("no_show", "bad")]
    assert completed[-2:] == [("checked_in", "good"), ("completed", "good")]
    for change in ("update fact set fact = 'x'", "delete from fact"):
        with pytest.raises(Exception, match="permission denied"):
            async with db.write() as con:
                await con.execute(change)


async def test_the_reader_role_sees_its_scope_alone(db: Database) -> None:
    await feed(db, follow, [story().streams.received])
    async with db.write() as con:
        await service.reply(con, frame(at(9, 10)), person("a0"), NO_SHOW, "说明")

    async def seen(who: Principal, name: str) -> int:
        async with db.read(who) as con:
            number: int = await con.fetchval(f"select count(*) from {name}")
            return number

    tables = ("place", "fact", "notice", "dropout", "entry", "reply", "decision")
    assert [await seen(Principal("x", "x", ()), t) for t in tables] == [0] * 7
    assert [await seen(person("a0"), t) for t in tables] == [1, 3, 3, 1, 1, 1, 0]
    assert [await seen(officer("c", "county", "/u-410000/u-410100/u-410183/"), t) for t in tables] == [
        4,
        14,
        10,
        2,
        2,
        1,
        0,
    ]
    assert [await seen(officer("c", "county", "/u-410000/u-410100/u-410182/"), t) for t in tables] == [0] * 7
