"""A call without an answer is a doubt: visible, never repeated by itself, settled by look-up (SMS) or by a person (mail)."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from services.notify.doubts.service import decide
from services.notify.sending.store import context
from shared.auth import Grant, Principal
from shared.db import Connection
from shared.problems import Problem
from tests.integration.notify.ground import Ground, at, selected

NOW = at(7, 20)
PROVINCE = Principal("province-1", "province", (Grant("province", "410000", "h", "/h/"),))


async def copies(ground: Ground) -> Counter[str]:
    return Counter(m["message_id"] for m in await ground.received())


async def only(ground: Ground, where: str) -> dict[str, Any]:
    (row,) = await ground.rows(where)
    return row


async def test_a_late_answer_is_a_doubt_that_a_look_up_settles_without_a_second_message(bare: Ground) -> None:
    await bare.behave("sms", "late_answer", seconds=1.5, count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    row = await only(bare, "channel = 'sms' and recipient_id = 't0'")
    assert (row["state"], row["reason"]) == ("in_doubt", "ReadTimeout")
    await bare.send(NOW)
    assert await bare.settler().run(NOW) == 1
    await bare.send(NOW)
    row = await only(bare, "channel = 'sms' and recipient_id = 't0'")
    assert row["state"] == "accepted"
    assert (await copies(bare))[row["message_id"]] == 1
    assert [t for s, t, _ in await bare.events() if s == row["message_id"]] == ["training.message.sent.v1"]


async def test_what_the_gateway_never_had_may_be_sent_again_but_not_at_once(bare: Ground) -> None:
    await bare.behave("sms", "lose", seconds=1.5, count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    assert await bare.settler(patience=60).run(NOW) == 0
    await bare.send(NOW)
    row = await only(bare, "channel = 'sms' and recipient_id = 't0'")
    assert (row["state"], (await copies(bare))[row["message_id"]]) == ("in_doubt", 0)
    assert await bare.settler(patience=0).run(NOW) == 1
    await bare.send(NOW)
    row = await only(bare, "channel = 'sms' and recipient_id = 't0'")
    assert (row["state"], row["tries"], (await copies(bare))[row["message_id"]]) == ("accepted", 2, 1)


async def test_garbage_for_an_answer_is_a_doubt_and_a_refusal_is_none(bare: Ground) -> None:
    await bare.behave("sms", "drop_answer", count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    assert (await only(bare, "channel = 'sms' and recipient_id = 't0'"))["state"] == "in_doubt"
    await bare.behave("sms", "fail", code="isv.OUT_OF_SERVICE", count=1)
    await bare.tell(NOW, selected(1))
    await bare.send(NOW)
    row = await only(bare, "channel = 'sms' and recipient_id = 't1'")
    assert (row["state"], row["reason"]) == ("failed", "isv.OUT_OF_SERVICE")
    assert (await only(bare, "channel = 'call_list' and recipient_id = 't1'"))["queue_at"] == NOW
    await bare.send(NOW)
    assert (await only(bare, "channel = 'call_list' and recipient_id = 't1'"))["state"] == "listed"


async def test_too_fast_is_repeated_later_and_never_a_failure(bare: Ground) -> None:
    await bare.behave("sms", "busy", count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    row = await only(bare, "channel = 'sms' and recipient_id = 't0'")
    assert (row["state"], row["retry_at"] is not None) == ("planned", True)
    assert await bare.received(channel="sms") == []
    async with bare.db.write() as con:
        await con.execute("update reminder set retry_at = clock_timestamp()")
    await bare.send(NOW)
    assert len(await bare.received(channel="sms")) == 1


async def test_a_mail_in_doubt_waits_for_a_person(bare: Ground) -> None:
    await bare.behave("email", "late_answer", seconds=1.5, count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    row = await only(bare, "channel = 'email' and recipient_id = 't0'")
    assert row["state"] == "in_doubt"
    await bare.settler().run(NOW)
    await bare.send(NOW)
    assert (await copies(bare))[row["message_id"]] == 1
    async with bare.db.write() as con:
        await decide(con, context(NOW), PROVINCE, row["attempt_id"], "sent")
    assert (await only(bare, "channel = 'email' and recipient_id = 't0'"))["state"] == "accepted"
    async with bare.db.write() as con:
        with pytest.raises(Problem, match="doubt-settled"):
            await decide(con, context(NOW), PROVINCE, row["attempt_id"], "resend")


async def test_a_mail_whose_answer_is_lost_is_a_doubt_and_goes_out_once(bare: Ground) -> None:
    await bare.behave("email", "drop_answer", count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    await bare.send(NOW)
    row = await only(bare, "channel = 'email' and recipient_id = 't0'")
    assert (row["state"], row["tries"], (await copies(bare))[row["message_id"]]) == ("in_doubt", 1, 1)


async def test_an_answer_is_noted_though_somebody_holds_the_row_longer_than_a_lock_is_waited_for(bare: Ground) -> None:
    """A planner at work on thousands of subjects holds rows; what it makes wait must not become a doubt."""
    await bare.behave("email", "late_answer", seconds=0.5, count=1)
    await bare.tell(NOW, selected(0))
    planner = await asyncpg.connect(bare.dsns.writer)
    sending = asyncio.create_task(bare.send(NOW))
    while not await planner.fetch("select from attempt where channel = 'email'"):  # noqa: ASYNC110  (nobody signals it)
        await asyncio.sleep(0.02)
    async with planner.transaction():
        await planner.execute("select from reminder where channel = 'email' for update")
        await waits_and_gives_up(planner)
    await sending
    await planner.close()
    assert (await only(bare, "channel = 'email' and recipient_id = 't0'"))["state"] == "accepted"


async def waits_and_gives_up(con: Connection) -> None:
    """Until a background session has waited for a lock, and then waits no more: it was told that it can't have it."""
    asked = "select count(*) from pg_stat_activity where application_name = 'shipei background' and wait_event_type = 'Lock' and datname = current_database()"
    for waiting in (1, 0):
        while await con.fetchval(asked) != waiting:
            await con.execute("select pg_stat_clear_snapshot()")
            await asyncio.sleep(0.02)


async def test_a_mail_that_a_person_sends_again_goes_out_once_more(bare: Ground) -> None:
    await bare.behave("email", "lose", seconds=1.5, count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    row = await only(bare, "channel = 'email' and recipient_id = 't0'")
    county = Principal("c", "c", (Grant("county", "410184", "w", "/h/z/w/"),))
    async with bare.db.write() as con:
        with pytest.raises(Problem, match="out-of-scope"):
            await decide(con, context(NOW), county, row["attempt_id"], "resend")
        await decide(con, context(NOW), PROVINCE, row["attempt_id"], "resend")
    await bare.send(NOW)
    assert (await only(bare, "channel = 'email' and recipient_id = 't0'"))["state"] == "accepted"
    assert (await copies(bare))[row["message_id"]] == 1


async def test_a_refused_mail_is_no_doubt(bare: Ground) -> None:
    await bare.behave("email", "fail", code="550 5.1.1 no such mailbox", count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    row = await only(bare, "channel = 'email' and recipient_id = 't0'")
    assert (row["state"], row["reason"]) == ("failed", "smtp-550")
    assert ("training.message.failed.v1", 1) in [(t, v) for s, t, v in await bare.events() if s == row["message_id"]]
