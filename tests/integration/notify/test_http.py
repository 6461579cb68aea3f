"""Notify as a process: its ledger as page and JSON, doubts, receipts, the stepped clock."""

import uuid
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.notify.story import Running, told
from tests.support.stack import RunService
from tests.support.visitor import HTML, visitor


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Running]:
    async with told(run_service) as story:
        yield story


async def test_the_ledger_over_http(running: Running) -> None:
    await the_json_agrees_with_the_sink(running)
    await the_page_says_what_went_to_whom_and_why(running)
    await a_scope_that_does_not_reach_shows_nothing(running)
    await the_overdue_list_names_who_owes_the_notice_and_when_it_was_asked_for(running)
    await an_operator_settles_a_doubt_once(running)


async def the_json_agrees_with_the_sink(running: Running) -> None:
    held = (await running.http.get(f"{running.stack.sink}/sink/messages.json")).json()["messages"]
    async with visitor(running.stack, "notify", "province", unit="410000") as province:
        everything = (await province.get("ledger.json")).json()
        of_class = (await province.get("ledger.json", params={"class": "c"})).json()
    doubts = everything["summary"]["states"]["in_doubt"]
    assert doubts == 1
    by_channel = {c: sum(m["channel"] == c for m in held) for c in ("email", "sms")}
    assert everything["summary"]["accepted"] == {"email": by_channel["email"] - doubts, "sms": by_channel["sms"]}
    assert of_class["summary"]["rows"] <= everything["summary"]["rows"]
    assert len({m["message_id"] for m in held}) == len(held)
    change = next(o for o in of_class["occurrences"] if o["kind"] == "class-changed")
    assert (change["announced"], change["previous"]) == ("2021-08-26", "2021-08-23")
    assert change["counts"] == {"delivered": 5, "doubt": 1} or change["total"] == 6


async def the_page_says_what_went_to_whom_and_why(running: Running) -> None:
    async with visitor(running.stack, "notify", "city", unit="410100") as city:
        start = await city.get("ledger", headers=HTML)
        zh = await city.get("ledger", params={"class": "c"}, headers=HTML)
        en = await city.get("ledger", params={"class": "c", "lang": "en"}, headers=HTML)
        one = await city.get("ledger", params={"person": "t2"}, headers=HTML)
    assert [r.status_code for r in (start, zh, en, one)] == [200] * 4
    assert "乡村骨干07班" in start.text
    assert "日期改了，没有发出" in zh.text
    assert "the date moved, not sent" in en.text
    assert "陈测试2" in zh.text
    assert "待打电话" in zh.text
    assert "改到" in one.text
    assert "8月26日" in one.text
    for page in (start, zh, en, one):
        assert "<script" not in page.text
        assert "style=" not in page.text


async def a_scope_that_does_not_reach_shows_nothing(running: Running) -> None:
    async with visitor(running.stack, "notify", "county", unit="410184") as stranger:
        assert (await stranger.get("ledger.json")).json()["summary"]["rows"] == 0
        assert (await stranger.get("doubts.json")).json()["doubts"] == []
    async with visitor(running.stack, "notify", "teacher", person="t1") as teacher:
        assert (await teacher.get("ledger.json")).status_code == 403


async def the_overdue_list_names_who_owes_the_notice_and_when_it_was_asked_for(running: Running) -> None:
    async with visitor(running.stack, "notify", "province", unit="410000") as province:
        said = (await province.get("overdue.json")).json()
        zh, en = await province.get("overdue", headers=HTML), await province.get("overdue?lang=en", headers=HTML)
        other = await province.get("overdue.json", params={"policy": "nothing"})
    (debt,) = said["debts"]
    assert (debt["what"], debt["documents"], debt["days"], debt["class"]["zh"]) == (
        "papers",
        ["checkin-notice"],
        1,
        "乡村骨干07班",
    )
    assert debt["reminded"]["times"] >= 1
    assert "示例师范大学" in zh.text
    assert "报到通知书" in zh.text
    assert "Check-in notice" in en.text
    assert "<script" not in zh.text
    assert (other.status_code, other.json()["code"]) == (404, "year-unknown")
    async with visitor(running.stack, "notify", "county", unit="410183") as county:
        assert (await county.get("overdue.json")).json()["debts"] == []
        assert "没有过期未完成的" in (await county.get("overdue", headers=HTML)).text


async def an_operator_settles_a_doubt_once(running: Running) -> None:
    async with visitor(running.stack, "notify", "county", unit="410183") as county:
        (doubt,) = (await county.get("doubts.json")).json()["doubts"]
        page = await county.get("doubts", headers=HTML)
        path = f"doubts/{doubt['attempt_id']}"
        first = await county.post(path, json={"decision": "sent"}, headers={"idempotency-key": str(uuid.uuid4())})
        again = await county.post(path, json={"decision": "resend"}, headers={"idempotency-key": str(uuid.uuid4())})
        empty = await county.get("doubts", headers=HTML)
    assert "没有发出，重发" in page.text
    assert (first.status_code, again.status_code, again.json()["code"]) == (200, 409, "doubt-settled")
    assert "没有存疑" in empty.text
