"""The service as a process: a case from the list to the ban, over HTTP, with its refusals, in JSON and on pages."""

import asyncio
import re
from datetime import datetime

import httpx
import pytest

from deploy.local.stack import Stack
from tests.integration.blacklist.ground import DISMISSED, NO_SHOW
from tests.support.stack import stepper
from tests.support.visitor import HTML, Visitor, visitor
from tests.support.year import at

CASE = f"cases/{NO_SHOW}"


async def step(stack: Stack, to: datetime) -> None:
    async with visitor(stack, "blacklist", "ops") as client:
        await stepper(client, stack, "blacklist").to(to)


def said(page: httpx.Response) -> str:
    """What a page says, without its mark-up."""
    return re.sub(r"<[^>]+>", "", page.text)


def key_of(page: str) -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.rule("L09", "L10")
async def test_a_case_from_the_list_to_the_ban(running: Stack) -> None:
    async with (
        visitor(running, "blacklist", "province", unit="410000", name="li") as li,
        visitor(running, "blacklist", "province", unit="410000", name="wang") as wang,
        visitor(running, "blacklist", "teacher", person="person-a0", name="a0") as own,
    ):
        await replies(own)
        await refuses_early(li)
        await step(running, at(9, 28))
        await pages_lead_to_a_decision(li)
        await a_second_person_confirms(li, wang)
        await everyone_sees_the_outcome(running, wang, own)


async def replies(own: Visitor) -> None:
    page = await own.get("me", headers=HTML)
    assert "9月17日 23:59:59" in said(page)
    sent = await own.post(f"me/{NO_SHOW}/reply", data={"words": "夜间暴雨", "idempotency_key": key_of(page.text)})
    assert sent.headers["location"] == "/blacklist/me?done=replied"
    assert "夜间暴雨" in said(await own.get("me", headers=HTML))
    again = await own.write(f"entries/{NO_SHOW}/reply", {"words": "再说"})
    assert (again.status_code, again.json()["code"]) == (409, "already-replied")
    others = await own.write(f"entries/{DISMISSED}/reply", {"words": "不是我"})
    assert others.status_code == 404
    assert (await own.get(f"entries/{DISMISSED}")).status_code == 404


async def refuses_early(li: Visitor) -> None:
    early = await li.write(f"entries/{NO_SHOW}/confirmations", {"reason": "早"})
    assert (early.status_code, early.json()["code"]) == (409, "reply-window-open")
    assert "2021年9月17日 23:59:59" in early.json()["zh"]["detail"]
    assert "17 Sep 2021 23:59:59" in early.json()["en"]["detail"]
    checked = await li.post(f"{CASE}/check", data={"decision": "confirm", "words": "早"}, headers=HTML)
    assert checked.status_code == 422
    assert "申辩期到2021年9月17日" in said(checked)


async def pages_lead_to_a_decision(li: Visitor) -> None:
    listed = await li.get("", headers=HTML, follow_redirects=True)
    assert listed.text.count(">待决定<") == 2
    case = await li.get(CASE, headers=HTML)
    assert ("2024年9月28日" in said(case), "夜间暴雨" in said(case), "checked" in case.text) == (True, True, False)
    nothing = await li.post(f"{CASE}/check", data={}, headers=HTML)
    assert (nothing.status_code, nothing.text.count("bad-text")) == (422, 2)
    check = await li.post(f"{CASE}/check", data={"decision": "confirm", "words": "情况属实"}, headers=HTML)
    assert check.status_code == 200
    form = {"decision": "confirm", "words": "情况属实", "idempotency_key": key_of(check.text)}
    unseen = await li.post(f"{CASE}/decide", data=form, headers=HTML)
    assert (unseen.status_code, "请先勾选" in unseen.text) == (422, True)
    done = [await li.post(f"{CASE}/decide", data={**form, "seen": "yes"}, headers=HTML) for _ in range(2)]
    assert {d.headers["location"] for d in done} == {f"/blacklist/{CASE}?done=confirm"}
    assert "还要1人复核" in said(await li.get(f"{CASE}?done=confirm", headers=HTML))


async def a_second_person_confirms(li: Visitor, wang: Visitor) -> None:
    same = await li.write(f"entries/{NO_SHOW}/confirmations", {"reason": "再确认"})
    assert (same.status_code, same.json()["code"]) == (409, "same-person")
    answers = await asyncio.gather(
        *[wang.write(f"entries/{NO_SHOW}/confirmations", {"reason": "复核"}, key="one") for _ in range(3)]
    )
    assert {a.text for a in answers} == {answers[0].text}
    assert answers[0].json()["state"] == "confirmed"
    assert answers[0].headers["etag"] == f'"{answers[0].json()["version"]}"'


async def everyone_sees_the_outcome(running: Stack, wang: Visitor, own: Visitor) -> None:
    of = {"person": "person-a0", "level": "province", "form": "in_person", "on": "2022-07-15"}
    assert (await wang.get("standing", params=of)).json()["barred"]
    assert "至2024年9月28日" in said(await own.get("me", headers=HTML))
    english = await wang.get("cases/" + NO_SHOW, params={"lang": "en"}, headers=HTML)
    assert "It ends with 28 Sep 2024." in said(english)
    async with visitor(running, "blacklist", "county", unit="410222") as stranger:
        assert (await stranger.get(f"entries/{NO_SHOW}")).status_code == 404
        assert (await stranger.get("entries")).json()["total"] == 0
    async with visitor(running, "blacklist", "county", unit="410183") as county:
        assert (await county.write(f"entries/{NO_SHOW}/confirmations", {"reason": "县里"})).status_code == 403
        assert {e["entry_id"] for e in (await county.get("entries")).json()["entries"]} == {NO_SHOW, DISMISSED}
        facts = (await county.get("record", params={"person": "person-a0"})).json()["facts"]
        assert [f["fact"] for f in facts] == ["selected", "notified", "no_show"]
    for page in (
        english,
        await wang.get("?show=all", headers=HTML, follow_redirects=True),
        await own.get("me", headers=HTML),
    ):
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "style=" not in page.text
