"""Facts and entries in a real PostgreSQL: any order between streams, repeats, two members, and an older copy."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio

from services.blacklist.entries import service, store
from services.blacklist.entries.domain.case import Entry, entry_id
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.record.store import record_of
from services.blacklist.subscribers import effect
from shared.auth import Grant, Principal
from shared.context import Context
from shared.db import Database
from shared.envelope import Received
from shared.events import EVENTS
from shared.events.notify import MessageDelivered
from shared.runtime import Runtime
from tests.support.databases import NewDatabase
from tests.support.streams import Streams, batches, feed
from tests.support.year import Year, at

TREE: dict[str, Any] = {"410000": {"410100": {"410183": {"410183-s001": {}}}}}
SCHOOL = "/u-410000/u-410100/u-410183/u-410183-s001/"
NO_SHOW, DISMISSED = entry_id("place-a0", "no_show"), entry_id("place-a2", "dismissed")
TOLD = at(9, 2)
UNTIL = datetime.fromisoformat("2021-09-17T23:59:59+08:00")
follow = effect(cast("Runtime", SimpleNamespace(name="blacklist")))


def message(streams: Streams, name: str, kind: str, when: datetime, **more: Any) -> Received:
    told = {"message_id": f"{kind}-{name}-{more.get('version', 2)}", "kind": kind, "channel": "sms", "occurrence": "0",
            "version": 2, "subject_kind": "place", "subject_id": f"place-{name}", "person_id": f"person-{name}",
            "place_id": f"place-{name}", "class_id": "class", "delivered_at": when, **more}  # fmt: skip
    return streams.add(MessageDelivered(**told), when)


def story(year: Year | None = None) -> Year:
    """a0 never came, a1 was excused, a2 was dismissed, a3 completed; all had been told of the class, moved or not."""
    year = year or Year()
    year.units(TREE)
    year.institution("inst-001", "410000")
    year.publish()
    year.schedule("class", "inst-001")
    for n in range(4):
        name = f"a{n}"
        year.select(name, SCHOOL)
        year.step(name, "assigned")
        message(year.streams, name, "class-opened", at(8, 6), version=1, proof=True)
        message(year.streams, name, "class-changed", at(8, 17))
        year.step(name, "excused") if n == 1 else None
        year.step(name, "checked_in") if n > 1 else None
        year.step(name, "expected")
    year.step("a0", "no_show")
    year.step("a2", "dismissed")
    year.step("a3", "completed")
    year.close("class", 4, 2)
    for name, entry in (("a0", NO_SHOW), ("a2", DISMISSED)):
        message(year.streams, name, "ban-proposed", TOLD, entry_id=entry, proof=True)
    return year


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database("blacklist")
    async with Database(dsns.writer, dsns.reader) as database:
        yield database


async def entries(db: Database) -> dict[str, Entry]:
    async with db.system() as con:
        rows = await store.page(con, None, None, 0, 50)
        return {r["entry"].entry_id: r["entry"] for r in rows}


async def sent(db: Database) -> list[tuple[str, str, str]]:
    async with db.system() as con:
        rows = await con.fetch("select key, headers, payload from outbox order by seq")
    headers = [(r["key"], eval(r["headers"].decode())) for r in rows]  # noqa: S307  (flat JSON of strings)
    return [(key, h["ce_type"].split(".")[2], h["ce_streamversion"]) for key, h in headers]


def officer(subject: str, role: str = "province", path: str = "/u-410000/") -> Principal:
    return Principal(subject, subject, (Grant(role, None, None, path),))


def person(name: str) -> Principal:
    return Principal(name, name, (Grant("teacher", person_id=f"person-{name}"),))


def frame(now: datetime) -> Context:
    return Context(now, "test", "blacklist", "0" * 32, "00-" + "0" * 31 + "1-" + "0" * 15 + "1-01")


async def confirm(
    db: Database, who: str, now: datetime, entry: str = NO_SHOW, words: str = "情况属实"
) -> dict[str, Any]:
    async with db.write() as con:
        return await service.confirm(con, frame(now), officer(who), entry, words)


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
        chance = random.Random(seed)  # noqa: S311  (an order to repeat)
        async with Database(dsns.writer, dsns.reader) as other:
            await feed(other, follow, batches(year.streams.shuffled(chance, repeats=30), chance, most=8))
            found = await entries(other)
            assert {k: (e.state, e.complete, e.evidence, e.reply_until) for k, e in found.items()} == wanted
            versions = [int(v) for k, _, v in await sent(other) if k == NO_SHOW]
            assert versions == list(range(1, len(versions) + 1))
            assert found[NO_SHOW].version == len(versions)
            assert await dump_facts(other) == await dump_facts(db)


async def dump_facts(db: Database) -> list[Any]:
    async with db.system() as con:
        rows: list[Any] = await con.fetch("select * from fact order by event_id")
        return rows


async def test_two_members_that_hear_halves_at_the_same_time_miss_nothing(new_database: NewDatabase) -> None:
    year = story()
    halves: Sequence[list[Received]] = ([], [])
    for r in year.streams.received:
        halves[r.topic in {"training.class.v1", "training.message.v1", "training.programme.v1"}].append(r)
    for seed in range(5):
        dsns = await new_database("blacklist")
        chance = random.Random(seed)  # noqa: S311  (an order to repeat)
        async with Database(dsns.writer, dsns.reader) as one:
            await asyncio.gather(*[feed(one, follow, batches(half, chance, most=5)) for half in halves])
            assert {(e.cause, e.state, e.complete) for e in (await entries(one)).values()} == {
                ("no_show", "notified", True),
                ("dismissed", "notified", True),
            }


@pytest.mark.rule("L08", "L09", "L10")
async def test_two_persons_confirm_after_the_reply_window(db: Database) -> None:
    await feed(db, follow, [story().streams.received])
    with pytest.raises(Refused, match="reply-window-open"):
        await confirm(db, "li", UNTIL)
    after = UNTIL + timedelta(days=10)
    assert (await confirm(db, "li", after))["state"] == "notified"
    with pytest.raises(Refused, match="same-person"):
        await confirm(db, "li", after)
    answer = await confirm(db, "wang", after)
    assert answer["state"] == "confirmed"
    assert answer["ranges"] == [{"plan_levels": ["province"], "forms": ["in_person"], "starts_on": "2021-09-27",
                                 "ends_before": "2024-09-28", "force": "absolute"}]  # fmt: skip
    assert (await sent(db))[-1] == (NO_SHOW, "confirmed", "3")


@pytest.mark.rule("L12", "L14")
async def test_the_look_up_follows_the_person_and_the_class_start(db: Database) -> None:
    await feed(db, follow, [story().streams.received])
    for who in ("li", "wang"):
        await confirm(db, who, UNTIL + timedelta(days=10))

    async def barred(on: str, level: str = "province", form: str = "in_person", who: str = "person-a0") -> bool:
        async with db.system() as con:
            day = datetime.fromisoformat(on).date()
            answer: bool = (await service.standing(con, who, level, [form], day))["barred"]
            return answer

    assert await barred("2022-07-15")
    assert await barred("2024-09-27")
    assert not await barred("2024-09-28")
    assert not await barred("2021-09-26")
    assert not await barred("2022-07-15", form="online")
    assert not await barred("2022-07-15", level="national")
    assert not await barred("2022-07-15", who="person-a2")


async def test_a_reply_is_the_persons_own_and_its_words_stay_here(db: Database) -> None:
    await feed(db, follow, [story().streams.received])
    async with db.write() as con:
        answer = await service.reply(con, frame(at(9, 10)), person("a0"), NO_SHOW, "夜间暴雨，道路中断")
    assert answer["version"] == 3
    async with db.system() as con:
        payloads = b"".join(r["payload"] for r in await con.fetch("select payload from outbox"))
        details = await store.details(con, NO_SHOW)
    assert "暴雨".encode() not in payloads
    assert details is not None
    assert details["words"] == "夜间暴雨，道路中断"


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


async def test_an_older_copy_learns_its_decisions_from_its_own_events(db: Database, new_database: NewDatabase) -> None:
    """Facts come again from the others' topics, decisions from this service's own; in any order."""
    year = story()
    await feed(db, follow, [year.streams.received])
    async with db.write() as con:
        await service.reply(con, frame(at(9, 10)), person("a0"), NO_SHOW, "说明")
    for who in ("li", "wang"):
        await confirm(db, who, UNTIL + timedelta(days=10))
    own = await own_events(db)
    wanted = (await entries(db))[NO_SHOW]
    for seed in range(4):
        chance = random.Random(seed)  # noqa: S311  (an order to repeat)
        dsns = await new_database("blacklist")
        async with Database(dsns.writer, dsns.reader) as older:
            streams = Streams()
            streams.received = [*year.streams.received, *own]
            await feed(older, follow, batches(streams.shuffled(chance), chance, most=8))
            found = (await entries(older))[NO_SHOW]
            assert (found.state, found.ranges, found.decided_by, found.replied_at) == (
                "confirmed", wanted.ranges, wanted.decided_by, wanted.replied_at)  # fmt: skip
            async with older.system() as con:
                assert await con.fetchval("select count(*) from echo") == 0


async def own_events(db: Database) -> list[Received]:
    async with db.system() as con:
        rows = await con.fetch("select topic, headers, payload from outbox order by seq")
    from shared.envelope import decode, decode_event

    found = []
    for index, row in enumerate(rows):
        headers = {k: v.encode() for k, v in eval(row["headers"].decode()).items()}  # noqa: S307  (flat JSON of strings)
        envelope = decode(list(headers.items()), headers["ce_stream"])
        assert envelope.type in EVENTS
        found.append(Received(envelope, decode_event(envelope, row["payload"]), row["topic"], 0, index))
    return found


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
