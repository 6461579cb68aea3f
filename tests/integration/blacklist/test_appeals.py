"""After the decision: appeal, upholding, lifting, quashing, over HTTP in JSON and on pages; and the page of a person's record."""

import asyncio
from datetime import datetime

import httpx
import pytest

from deploy.local.stack import Stack
from tests.integration.blacklist.ground import DISMISSED, NO_SHOW
from tests.integration.blacklist.test_http import key_of, said, step
from tests.support.visitor import HTML, Visitor, visitor
from tests.support.year import at

CASE = f"cases/{NO_SHOW}"
BANNED, APPEALED = at(9, 28), at(10, 5)


async def banned(running: Stack, li: Visitor, wang: Visitor) -> None:
    await step(running, BANNED)
    for who in (li, wang):
        assert (await who.write(f"entries/{NO_SHOW}/confirmations", {"reason": "情况属实"})).status_code == 200


async def decided(who: Visitor, decision: str, words: str, *, seen: bool = False) -> httpx.Response:
    """Through both pages, as an officer does it."""
    check = await who.post(f"{CASE}/check", data={"decision": decision, "words": words}, headers=HTML)
    assert check.status_code == 200
    form = {"decision": decision, "words": words, "idempotency_key": key_of(check.text)}
    return await who.post(f"{CASE}/decide", data=form | ({"seen": "yes"} if seen else {}), headers=HTML)


@pytest.mark.rule("L10")
async def test_an_appeal_goes_from_the_persons_page_to_its_end(running: Stack) -> None:
    async with (
        visitor(running, "blacklist", "province", unit="410000", name="li") as li,
        visitor(running, "blacklist", "province", unit="410000", name="wang") as wang,
        visitor(running, "blacklist", "teacher", person="person-a0", name="a0") as own,
    ):
        early = await own.write(f"entries/{NO_SHOW}/appeal", {"words": "不服"})
        assert (early.status_code, early.json()["code"]) == (409, "not-decided")
        await banned(running, li, wang)
        await step(running, APPEALED)
        await the_person_appeals(own)
        await the_province_upholds(li)
        await the_person_reads_it(own)
        lifted = await decided(wang, "lift", "已补训（合成）")
        assert lifted.headers["location"] == f"/blacklist/{CASE}?done=lift"
        assert "您可以参加培训" in said(await own.get("me", headers=HTML))
        of = {"person": "person-a0", "level": "province", "form": "in_person", "on": "2022-07-15"}
        assert not (await wang.get("standing", params=of)).json()["barred"]


async def the_person_appeals(own: Visitor) -> None:
    page = await own.get("me", headers=HTML)
    assert "10月13日 23:59:59前可以申诉" in said(page)
    form = {"words": "通知寄到了旧地址", "idempotency_key": key_of(page.text)}
    empty = await own.post(f"me/{NO_SHOW}/appeal", data=form | {"words": " "}, headers=HTML)
    assert (empty.status_code, "请写1至2000字" in said(empty) or "没有写理由" in said(empty)) == (422, True)
    sent = await own.post(f"me/{NO_SHOW}/appeal", data=form)
    assert sent.headers["location"] == "/blacklist/me?done=appealed"
    again = await own.write(f"entries/{NO_SHOW}/appeal", {"words": "再说"})
    assert (again.status_code, again.json()["code"]) == (409, "already-appealed")
    assert (await own.write(f"entries/{DISMISSED}/appeal", {"words": "不是我"})).status_code == 404
    page = await own.get("me", headers=HTML)
    assert ("通知寄到了旧地址" in said(page), "11月4日 23:59:59前决定" in said(page)) == (True, True)


async def the_province_upholds(li: Visitor) -> None:
    listed = await li.get("", headers=HTML, follow_redirects=True)
    assert "申诉待决" in said(listed)
    case = await li.get(CASE, headers=HTML)
    assert ("通知寄到了旧地址" in said(case), "维持" in said(case), "checked" in case.text) == (True, True, False)
    unseen = await decided(li, "uphold", "送达有回执")
    assert (unseen.status_code, "请先勾选" in unseen.text) == (422, True)
    done = await decided(li, "uphold", "送达有回执", seen=True)
    assert done.headers["location"] == f"/blacklist/{CASE}?done=uphold"
    none = await li.post(f"{CASE}/check", data={"decision": "uphold", "words": "再来"}, headers=HTML)
    assert (none.status_code, "没有等待决定的申诉" in said(none)) == (422, True)


async def the_person_reads_it(own: Visitor) -> None:
    page = said(await own.get("me", headers=HTML))
    assert ("作出决定：维持" in page, "至2024年9月28日" in page) == (True, True)
    entry = (await own.get(f"entries/{NO_SHOW}")).json()
    assert (entry["state"], entry["appeal"], entry["decisions"]) == ("confirmed", "通知寄到了旧地址", [])


@pytest.mark.rule("L10")
async def test_the_time_for_an_appeal_ends_with_its_last_second(running: Stack) -> None:
    async with (
        visitor(running, "blacklist", "province", unit="410000", name="li") as li,
        visitor(running, "blacklist", "province", unit="410000", name="wang") as wang,
        visitor(running, "blacklist", "teacher", person="person-a0", name="a0") as own,
    ):
        await banned(running, li, wang)
        await step(running, datetime.fromisoformat("2021-10-14T00:00:00+08:00"))
        late = await own.write(f"entries/{NO_SHOW}/appeal", {"words": "不服"})
        assert (late.status_code, late.json()["code"]) == (409, "appeal-closed")
        assert "2021年10月13日 23:59:59" in late.json()["zh"]["detail"]
        quashed = await asyncio.gather(*[w.write(f"entries/{NO_SHOW}/quash", {"reason": "不成立"}) for w in (li, wang)])
        assert sorted(q.status_code for q in quashed) == [200, 409]
        after = await li.get(CASE, headers=HTML)
        assert ("记录已撤销" in said(after), 'name="decision"' in after.text) == (True, False)


@pytest.mark.rule("L01", "L14")
async def test_the_page_of_a_person_shows_everything_in_scope_and_nothing_beyond(running: Stack) -> None:
    async with (
        visitor(running, "blacklist", "county", unit="410183") as county,
        visitor(running, "blacklist", "county", unit="410222") as stranger,
        visitor(running, "blacklist", "teacher", person="person-a0", name="a0") as own,
    ):
        page = await county.get("people/person-a2", headers=HTML)
        text = said(page)
        assert [word in text for word in ("选送", "通知送达", "报到", "被劝退", "申辩期内")] == [True] * 5
        assert f"/blacklist/cases/{DISMISSED}" in page.text
        english = said(await county.get("people/person-a3", params={"lang": "en"}, headers=HTML))
        assert ("Completed" in english, "Nothing proposed" in english) == (True, True)
        assert (await stranger.get("people/person-a2", headers=HTML)).status_code == 404
        assert (await own.get("people/person-a0", headers=HTML)).status_code == 403
