import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.notify.channels.service import Channel, Draft, SmsChannel
from services.notify.contacts.domain import Book, Sandbox
from services.notify.contacts.service import Contacts
from services.notify.sending import store
from services.notify.sending.domain import Claimed, Outcome
from services.notify.sending.service import Dispatcher
from services.notify.sending.store import Answer
from services.notify.wording.domain import Scene
from tests.integration.notify.ground import (
    SCHOOL,
    TOKEN,
    Ground,
    allotted,
    at,
    moved,
    selected,
)
from tests.integration.notify.sabotage import claim_lock_off

REMINDED = "kind = 'before-class' and occurrence = 'before-7d' and channel <> 'call_list'"


async def test_what_is_due_goes_out_once_on_each_channel(class_of_five: Ground) -> None:
    before = await class_of_five.received()
    assert await class_of_five.send(at(8, 16, 8, 59)) >= 0
    assert await class_of_five.states(REMINDED) == {"planned": 10}
    await class_of_five.send(at(8, 16))
    await class_of_five.send(at(8, 16))
    assert await class_of_five.states(REMINDED) == {"accepted": 10}
    fresh = [m for m in (await class_of_five.received())[len(before) :] if m["to"].startswith(("t", "1390000"))]
    assert Counter(m["channel"] for m in fresh) == {"email": 5, "sms": 5}
    assert len({m["message_id"] for m in fresh}) == 10


async def test_each_call_is_counted_by_what_came_of_it(bare: Ground) -> None:
    await bare.behave("sms", "fail", code="isv.OUT_OF_SERVICE", count=1)
    await bare.tell(at(7, 20), selected(1))
    await bare.send(at(7, 20))
    assert bare.calls == {("sms", "rejected"): 1, ("email", "accepted"): 1}


@pytest.mark.rule("Q03")
async def test_a_school_gets_one_mail_for_all_its_selected_teachers(bare: Ground) -> None:
    await bare.tell(at(7, 20), *[selected(i) for i in range(5)])
    await bare.send(at(7, 20))
    assert not await bare.received(to="s@example.invalid")
    await bare.send(at(7, 20, 10))
    (mail,) = await bare.received(to="s@example.invalid")
    assert "5人" in mail["subject"]
    assert "陈测试4" in mail["text"]
    assert await bare.states("recipient_id = 's' and channel = 'email'") == {"accepted": 1, "merged": 4}


@pytest.mark.rule("A13")
async def test_outside_production_nothing_goes_to_an_address_that_is_not_allowed(bare: Ground) -> None:
    await bare.tell(at(7, 20), selected(1))
    closed = Sandbox(production=False, domains=("example.com",), phones=("1391",))
    await replace(bare.dispatcher(), sandbox=closed).run(at(7, 20))
    assert not await bare.received()
    rows = await bare.rows("state = 'unreachable'")
    assert {(r["channel"], r["reason"]) for r in rows} == {("email", "sandbox"), ("sms", "sandbox")}


async def test_enrolment_down_means_waiting_until_the_latest_useful_time(class_of_five: Ground) -> None:
    class_of_five.enrolment.state.broken[0] = True
    assert await class_of_five.send(at(8, 22)) >= 0
    waiting = await class_of_five.rows("kind = 'before-class' and state = 'planned' and channel <> 'call_list'")
    assert {r["lease_token"] for r in waiting} == {None}
    assert {r["occurrence"] for r in waiting} == {"before-1d"}
    class_of_five.enrolment.state.broken[0] = False
    await class_of_five.send(at(8, 23, 12, 0))
    assert (await class_of_five.states("kind = 'before-class' and occurrence = 'before-1d'"))["accepted"] == 10


async def test_after_the_latest_useful_time_nothing_goes_out(class_of_five: Ground) -> None:
    class_of_five.enrolment.state.broken[0] = True
    await class_of_five.send(at(8, 22))
    class_of_five.enrolment.state.broken[0] = False
    before = len(await class_of_five.received())
    await class_of_five.send(at(8, 23, 12, 1))
    assert len([m for m in await class_of_five.received() if m["channel"] == "sms"][before:]) == 0
    late = await class_of_five.rows("kind = 'before-class' and state = 'too_late'")
    assert {r["reason"] for r in late} == {"past_latest_useful"}


async def test_several_overdue_reminders_become_one(class_of_five: Ground) -> None:
    before = len(await class_of_five.received(to="13900000000"))
    await class_of_five.send(at(8, 22))
    assert len(await class_of_five.received(to="13900000000")) == before + 1
    states = await class_of_five.states("kind = 'before-class' and recipient_id = 't0' and channel = 'sms'")
    assert states == {"merged": 2, "accepted": 1}


async def test_at_night_messages_wait_for_the_window(class_of_five: Ground) -> None:
    await class_of_five.tell(at(8, 17, 22), moved())
    before = len(await class_of_five.received())
    await class_of_five.send(at(8, 17, 22))
    assert len(await class_of_five.received()) == before
    rows = await class_of_five.rows("kind = 'class-changed' and state = 'planned' and channel <> 'call_list'")
    assert rows
    await class_of_five.send(at(8, 18, 8))
    assert len(await class_of_five.received()) > before


@pytest.mark.rule("C09", "D20")
async def test_a_moved_class_is_told_with_both_dates_and_never_again_with_the_old_one(class_of_five: Ground) -> None:
    await class_of_five.send(at(8, 16))
    before = len(await class_of_five.received())
    await class_of_five.tell(at(8, 17, 10), moved())
    for instant in (at(8, 17, 10), at(8, 19), at(8, 20), at(8, 22), at(8, 23), at(8, 25)):
        await class_of_five.send(instant)
    fresh = (await class_of_five.received())[before:]
    texts = {m["text"] for m in fresh if m["channel"] == "sms" and m["to"] == "13900000000"}
    assert len(texts) == 2
    assert any("改到8月26日，原8月23日作废" in t for t in texts)
    assert not [m for m in fresh if "8月23日" in m["text"] and "8月26日" not in m["text"] and "逾期" not in m["text"]]
    assert (await class_of_five.states("version = 1 and kind = 'before-class'"))["withdrawn"] == 35
    counted = Counter(
        (m["to"], m["subject"]) for m in fresh if m["channel"] == "email" and m["to"] == "t0@example.invalid"
    )
    assert max(counted.values()) == 3  # three reminders say the same, the change says it once


async def held_at_contacts(ground: Ground, now: datetime) -> tuple[asyncio.Task[int], asyncio.Event]:
    """A round that has claimed its rows and asked for contacts; they are answered when the event is set."""
    asks, answers = asyncio.Event(), asyncio.Event()

    class Slow(Contacts):
        async def of(self, *ids: Collection[str]) -> Book:
            asks.set()
            await answers.wait()
            return await super().of(*ids)

    dispatcher = ground.dispatcher()
    dispatcher = replace(dispatcher, contacts=Slow(**vars(dispatcher.contacts)))
    sending = asyncio.create_task(dispatcher.run(now))
    await asyncio.wait_for(asks.wait(), 20)
    return sending, answers


async def test_a_row_that_moves_while_it_is_claimed_is_not_sent(class_of_five: Ground) -> None:
    """The last look: claimed for the old date, and the class moves before the attempt is written."""
    sending, answers = await held_at_contacts(class_of_five, at(8, 16))
    await class_of_five.tell(at(8, 16), moved())
    answers.set()
    await sending
    assert await class_of_five.states(REMINDED + " and version = 1 and channel = 'sms'") == {"withdrawn": 5}


async def test_nobody_is_phoned_whose_receipt_is_there_though_a_planner_held_the_row(class_of_five: Ground) -> None:
    """Held while it is asked what is not needed, free again a moment later when the call list is made."""
    calls, due = "channel = 'call_list' and occurrence = 'before-7d'", at(8, 17)
    await class_of_five.send(at(8, 16))
    await class_of_five.receipts()
    async with class_of_five.db.background() as con:
        async with class_of_five.db.write() as planner:
            await planner.execute(f"select from reminder where {calls} and recipient_id = 't1' for update")
            await con.fetch(store.Q.not_needed, due)
        await con.fetch(store.Q.list_calls, due)
    assert await class_of_five.states(calls) == {"not_needed": 4, "planned": 1}
    await class_of_five.send(due)
    assert await class_of_five.states(calls) == {"not_needed": 5}


async def test_a_step_whose_receipt_comes_while_it_is_claimed_is_not_sent(bare: Ground) -> None:
    """The last look: the school's SMS for want of a receipt is claimed, and then the mail turns out to be read."""
    text, due = "channel = 'sms' and recipient_id = 's' and due_at = '2021-07-24 09:00+08'", at(7, 24)
    await bare.tell(at(7, 17), allotted(20))
    await bare.send(at(7, 23))
    sending, answers = await held_at_contacts(bare, due)
    async with bare.db.write() as con:
        await con.execute("update reminder set state = 'delivered' where channel = 'email' and recipient_id = 's'")
    answers.set()
    await sending
    assert await bare.states(text) == {"planned": 1}
    await bare.send(due)
    assert [(r["state"], r["reason"]) for r in await bare.rows(text)] == [("not_needed", "has_receipt")]


async def test_a_message_without_words_holds_up_nobody_else(bare: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    worded = SmsChannel.draft

    def fails(channel: SmsChannel, row: Claimed, scene: Scene, address: str) -> Draft:
        if row.person_id == "t1":
            raise KeyError("a word that is missing")
        return worded(channel, row, scene, address)

    monkeypatch.setattr(SmsChannel, "draft", fails)
    await bare.tell(at(7, 20), *[selected(i) for i in range(3)])
    with capture_logs() as said:
        await bare.send(at(7, 20))
    assert [entry["kind"] for entry in said if entry["event"] == "no words"] == ["selected"]
    assert await bare.states("channel = 'sms' and person_id = 't1' and reason = 'not_worded'") == {"unreachable": 1}
    assert await bare.states("channel = 'sms' and person_id in ('t0', 't2')") == {"accepted": 2}


async def test_an_answer_that_is_noted_twice_changes_nothing(bare: Ground) -> None:
    """Whether the first note was committed nobody knew; the code says nothing of a late answer, the time stays."""
    await bare.tell(at(7, 20), selected(1))
    await bare.send(at(7, 20))
    kept = "select attempt_id, message_id, state, code, answered_at, provider_ref from attempt order by attempt_id"
    async with bare.db.background() as con:
        before = await con.fetch(kept)
        again = [Answer(r["message_id"], r["attempt_id"], 1, Outcome("accepted", r["code"] or "OK")) for r in before]
        await store.answer(con, again, at(7, 20, 10))
        after = await con.fetch(kept)
    assert before
    assert [(r["state"], r["answered_at"], (r["code"] or "").startswith("late")) for r in after] == [
        ("accepted", r["answered_at"], False) for r in before
    ]


async def test_every_channel_that_fails_is_told(bare: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: Dispatcher, channel: Channel, _now: datetime) -> int:
        raise ConnectionError(channel.name)

    monkeypatch.setattr(Dispatcher, "_batch", fails)
    with capture_logs() as said, pytest.raises(ConnectionError, match="sms"):
        await bare.send(at(7, 20))
    assert [str(entry["exc_info"]) for entry in said] == ["email"]


async def test_two_dispatchers_never_send_the_same_row(bare: Ground) -> None:
    await bare.tell(at(7, 20), *[selected(i) for i in range(50)])
    await asyncio.gather(*[bare.dispatcher().run(at(7, 20)) for _ in range(4)])
    received = await bare.received()
    assert len(received) == len({m["message_id"] for m in received}) == 100


async def test_without_the_claims_they_do(bare: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with what the claim protects switched off: the test above can fail."""
    claim_lock_off(monkeypatch.setattr)
    await bare.tell(at(7, 20), *[selected(i) for i in range(50)])
    ended = await asyncio.gather(*[bare.dispatcher().run(at(7, 20)) for _ in range(4)], return_exceptions=True)
    wrong = [e for e in ended if isinstance(e, BaseException)]
    assert all(isinstance(e, asyncpg.DeadlockDetectedError) for e in wrong)  # without the order of the claim they may
    copies = Counter(m["message_id"] for m in await bare.received())
    assert [m for m, n in copies.items() if n > 1]


async def test_what_is_sent_is_kept_masked_and_counted(class_of_five: Ground) -> None:
    async with class_of_five.db.system() as con:
        kept = await con.fetch("select channel, address, body, parts from attempt where person_id = 't0'")
    assert {r["address"] for r in kept} == {"139****0000", "t0***@example.invalid"}
    assert {r["parts"] for r in kept if r["channel"] == "sms"} == {1}
    assert all("13900000000" not in r["body"] and "t0@" not in r["body"] for r in kept)


async def test_next_due_is_the_next_reminder(class_of_five: Ground) -> None:
    async with class_of_five.db.system() as con:
        assert await store.next_due(con) == at(8, 7)
    await class_of_five.receipts()
    await class_of_five.send(at(8, 13))
    await class_of_five.send(at(8, 14))
    await class_of_five.send(at(8, 15))
    async with class_of_five.db.system() as con:
        assert await store.next_due(con) == at(8, 16)


async def test_the_year_and_the_units_may_come_last(new_year_last: Ground) -> None:
    """No order is promised between streams: the plan is the same as if they had come first."""
    rows = await new_year_last.rows("state = 'planned' and channel = 'email'")
    told = {(r["kind"], r["recipient_id"]) for r in rows if r["occurrence"] in {"at_once", "before-7d"}}
    assert {("class-opened", x) for x in ("t0", "t1", "t2", "s", "x")} <= told
    assert {("before-class", x) for x in ("t0", "t1", "t2")} <= told
    assert {r["unit_path"] for r in rows if r["recipient_kind"] == "person"} == {SCHOOL}


async def test_more_people_than_enrolment_tells_at_once_are_asked_in_parts(bare: Ground) -> None:
    contacts = Contacts(bare.http, bare.contacts_url, TOKEN, {"project-office": "office@example.invalid"})
    book = await contacts.of([f"t{i}" for i in range(12_000)], ["s"], ["c"])
    assert set(book.people) == {f"t{i}" for i in range(50)}
    assert (set(book.units), set(book.staff)) == ({"s", "project-office"}, {"c"})
