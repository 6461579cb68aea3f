"""What persons decide, what the look-up then says, and what an older copy of the database learns again."""

import random
from datetime import datetime, timedelta

import pytest

from services.blacklist.entries import service, store
from services.blacklist.entries.domain.deciding import Refused
from shared.db import Database
from tests.integration.blacklist.ground import (
    NO_SHOW,
    UNTIL,
    confirm,
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
from tests.support.streams import Streams, batches, feed
from tests.support.year import at


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


async def test_an_older_copy_learns_its_decisions_from_its_own_events(db: Database, new_database: NewDatabase) -> None:
    """Facts come again from the others' topics, decisions from this service's own; in any order."""
    year = story()
    await feed(db, follow, [year.streams.received])
    async with db.write() as con:
        await service.reply(con, frame(at(9, 10)), person("a0"), NO_SHOW, "说明")
    after = UNTIL + timedelta(days=10)
    for who in ("li", "wang"):
        await confirm(db, who, after)
    async with db.write() as con:
        await service.appeal(con, frame(after), person("a0"), NO_SHOW, "不服")
    for decision in (service.uphold, service.lift):
        async with db.write() as con:
            await decision(con, frame(after + timedelta(days=9)), officer("zhao"), NO_SHOW, "已补训")
    own = await own_events(db)
    wanted = (await entries(db))[NO_SHOW]
    for seed in range(4):
        chance = random.Random(seed)
        dsns = await new_database("blacklist")
        async with Database(dsns.writer, dsns.reader) as older:
            streams = Streams()
            streams.received = [*year.streams.received, *own]
            await feed(older, follow, batches(streams.shuffled(chance), chance, most=8))
            found = (await entries(older))[NO_SHOW]
            assert (found.state, found.ranges, found.decided_by, found.replied_at) == (
                "lifted", wanted.ranges, wanted.decided_by, wanted.replied_at)  # fmt: skip
            assert (found.appealed_at, found.decide_by, found.upheld_at, found.lifted_at) == (
                wanted.appealed_at, wanted.decide_by, wanted.upheld_at, wanted.lifted_at)  # fmt: skip
            async with older.system() as con:
                assert await con.fetchval("select count(*) from echo") == 0
