"""An officer's whole way with a class through pages alone: forms and links, no script, no API."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest_asyncio

from deploy.local.stack import Stack
from shared.db import Database
from tests.integration.enrolment.classroom import PDF, Classroom
from tests.integration.enrolment.ground import COHORT, KEY, at, lay
from tests.support.stack import RunService
from tests.support.visitor import HTML, Visitor, token, visitor


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.replace("</th>", " ").replace("</td>", " ")))


@dataclass
class Desk:
    """A running service, its institution's officer, and people who wait for a class."""

    stack: Stack
    room: Classroom
    staff: Visitor

    async def step(self, to: datetime) -> None:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {self.stack.service_token}"}) as http:
            answer = await http.post(f"{self.stack.urls['enrolment']}/enrolment/_time", json={"to": to.isoformat()})
            assert answer.is_success, answer.text

    async def see(self, path: str, status: int = 200, **more: Any) -> str:
        answer = await self.staff.get(path, headers=HTML, **more)
        assert answer.status_code == status, plain(answer.text)
        return answer.text

    async def send(self, path: str, form: dict[str, Any], *, status: int = 303, files: Any = None) -> httpx.Response:
        """Fill in the form of a page: its hidden fields come along."""
        shown = (await self.staff.get(path.partition("#")[0], headers=HTML)).text
        hidden = dict(
            re.findall(r'<input type="hidden" name="(idempotency_key|version|document)" value="([^"]*)"', shown)
        )
        target = path.partition("#")[2] or path
        answer = await self.staff.post(target, data={**hidden, **form}, files=files, headers=HTML)
        assert answer.status_code == status, plain(answer.text)
        return answer

    def own(self, rest: str = "/page") -> str:
        return f"/classes/{self.room.class_id}{rest}"


def day(name: str, month: int, date: int) -> dict[str, str]:
    return {f"{name}-year": "2021", f"{name}-month": str(month), f"{name}-day": str(date)}


@pytest_asyncio.fixture
async def desk(run_service: RunService) -> AsyncIterator[Desk]:
    stack = await run_service("enrolment")
    dsns = stack.dsns["enrolment"]
    async with (
        Database(dsns.writer, dsns.reader) as db,
        visitor(stack, "enrolment", "institution", unit="inst-001") as staff,
    ):
        desk = Desk(stack, Classroom(await lay(db)), staff)
        room = desk.room
        await room.ground.quota()
        room.people = await room.ground.people(4)
        await room.ground.select(room.people)
        await desk.step(at(8, 2))
        yield desk


NEW = {"cohort": f"{KEY}/{COHORT}", "name_zh": "乡村骨干07班", "name_en": "Rural class 07", "period": "7", "address": "示例师大东校区",
       "theme": "乡村课堂教学改进", **day("starts", 8, 23), **day("ends", 9, 6)}  # fmt: skip


async def test_a_class_goes_its_whole_way_through_forms(desk: Desk) -> None:
    await prepared(desk)
    await moved(desk)
    await on_the_day(desk)
    await closed(desk)
    await decided(desk)
    await corrected(desk)


async def prepared(desk: Desk) -> None:
    assert "还没有班级" in await desk.see("/classes")
    short = await desk.send("/new-class", {**NEW, **day("ends", 8, 25)}, status=409)
    assert "开班到结束共3天，集中培训要15天" in plain(short.text)
    assert "乡村课堂教学改进" in short.text
    await desk.send("/new-class", {**NEW, "period": "²"}, status=422)
    made = await desk.send("/new-class", NEW)
    desk.room.class_id = made.headers["location"].split("/")[3]
    assert "填写班级人员" in await desk.see(desk.own())
    refused = await desk.send(f"{desk.own()}#{desk.own('/page/open')}", {"idempotency_key": "open-1"}, status=409)
    assert "还没有首席专家、学科班主任、生活班主任，不能开班" in plain(refused.text)
    roles = ("chief_expert", "subject_class_teacher", "life_class_teacher")
    names = {f"name-{r}-0": f"{r}（合成）" for r in roles} | {f"phone-{r}-0": "13900088000" for r in roles}
    await desk.send(desk.own("/page/staff"), names)
    waiting = await desk.see(desk.own("/page/places"))
    assert "4人已选送、还没有班级" in plain(waiting)
    unit = re.findall(r'name="unit" id="[^"]*" value="([^"]*)"', waiting)
    await desk.send(desk.own("/page/places"), {"unit": unit})
    await desk.step(at(8, 5, 10))
    wrong = await desk.send(desk.own("/documents/page?document=checkin-notice") + "#" + desk.own("/documents/page"),
                            {}, files={"file": ("通知.docx", b"PK", "x")}, status=422)  # fmt: skip
    assert "请上传pdf，您选的是.docx" in plain(wrong.text)
    done = await desk.send(desk.own("/documents/page?document=checkin-notice") + "#" + desk.own("/documents/page"),
                           {"sealed": "yes"}, files={"file": ("通知.pdf", PDF, "application/pdf")})  # fmt: skip
    assert done.headers["location"].endswith("done=handed_in")
    await desk.send(f"{desk.own()}#{desk.own('/page/open')}", {})
    page = plain(await desk.see(desk.own("/page?done=opened")))
    assert "已开班" in page
    assert "报到通知书 8月13日 开班前10天 8月5日 10:00 按时" in page


async def moved(desk: Desk) -> None:
    await desk.step(at(8, 17, 10))
    query = "&".join(f"{k}={v}" for k, v in {**day("starts", 8, 26), "cause": "institution"}.items())
    check = plain(await desk.see(f"{desk.own('/page/move')}?{query}"))
    assert "核对改期：8月23日 → 8月26日" in check
    assert "报到通知书 8月13日 8月16日" in check
    assert "4名学员、1所学校、1个县，共6个对象" in check
    past = await desk.see(f"{desk.own('/page/move')}?{query.replace('day=26', 'day=2')}", 409)
    assert "早于今天8月17日" in plain(past)
    await desk.send(f"{desk.own('/page/move')}?{query}#{desk.own('/page/move')}",
                    {**day("starts", 8, 26), "cause": "institution"})  # fmt: skip
    page = plain(await desk.see(desk.own()))
    assert "原8月23日" in page
    assert "报到通知书 8月16日 原8月13日 开班前10天" in page


async def on_the_day(desk: Desk) -> None:
    assert "报到从8月26日 08:00开始" in plain(await desk.see(desk.own("/checkin")))
    await desk.step(at(8, 26, 10))
    unknown = await desk.send(desk.own("/checkin"), {"code": "07-2222"}, status=404)
    assert "本单位没有这个报到编号" in plain(unknown.text)
    await scanned(desk, desk.room.people[0])
    codes = await teacher(desk, desk.room.people[1])
    done = await desk.send(desk.own("/checkin"), {"code": codes["code"].lower().replace("-", "")})
    page = plain(await desk.see(done.headers["location"].removeprefix("/enrolment")))
    assert "测试1 10:00 已报到" in page
    assert "已到 2 / 4人" in page
    again = await desk.send(desk.own("/checkin"), {"code": codes["code"]}, status=409)
    assert "已在8月26日 10:00报到过。不用再扫。" in plain(again.text)
    await desk.send(
        desk.own("/checkin"), {"place_id": (await teacher(desk, desk.room.people[2]))["place_id"], "reason": "手机没电"}
    )


async def teacher(desk: Desk, person: str) -> dict[str, Any]:
    """The teacher's phone: the page with the code, and what the code holds."""
    async with visitor(desk.stack, "enrolment", "teacher", person=person) as phone:
        page = await phone.get("/me", headers=HTML)
        assert page.status_code == 200, page.text
        assert 'class="qr"' in page.text
        assert "报到改到8月26日" in plain(page.text)
        place_id = re.findall(r"\b[0-9a-f-]{36}\b", str((await phone.get("/places")).json()["places"]))[0]
        found: dict[str, Any] = (await phone.get(f"/places/{place_id}/checkin-code")).json()
        assert found["code"] in page.text
        assert (await phone.get(desk.own("/checkin"), headers=HTML)).status_code == 403
    return found


async def scanned(desk: Desk, person: str) -> None:
    token_ = (await teacher(desk, person))["token"]
    page = await desk.see(f"/checkin/{token_}")
    assert "测试0" in page
    await desk.send(f"/checkin/{token_}#{desk.own('/checkin')}", {"code": token_})
    async with visitor(desk.stack, "enrolment", "teacher", person=desk.room.people[1]) as other:
        assert (await other.get(f"/checkin/{token_}", headers=HTML)).status_code == 404


async def closed(desk: Desk) -> None:
    early = await desk.see(desk.own("/checkin/closing"))
    assert "还没到报到结束时间8月27日 18:00" in plain(early)
    await desk.step(at(8, 27, 18))
    await excused(desk)
    page = await desk.see(desk.own("/checkin/closing"))
    assert "关闭报到：3人已到，1人特殊情况，0人未到" in plain(page)
    for shown in (page, await desk.see(desk.own("/checkin"))):
        assert "还没到0人，特殊情况1人" in plain(shown), "counted alike wherever it stands"
        assert "特殊情况：疾病" in plain(shown)
    unsaid = await desk.send(desk.own("/checkin/closing"), {}, status=422)
    assert "没有写明班级是否按公布的时间、地点办了" in plain(unsaid.text)
    await desk.send(desk.own("/checkin/closing"), {"held": "yes"})


async def excused(desk: Desk) -> None:
    headers = {**HTML, "authorization": f"Bearer {token(desk.stack, 'city', unit='410100')}"}
    page = await desk.staff.get(desk.own(), headers=headers)
    absent = re.findall(r"/enrolment/places/([^/]+)/absence", page.text)
    assert len(absent) == 1
    form = {"reason": "illness", "idempotency_key": "a"}
    missing = await desk.staff.post(f"/places/{absent[0]}/absence", data=form, headers=headers)
    assert (missing.status_code, "还缺证明：医院证明" in plain(missing.text)) == (409, True)
    form = {"reason": "illness", "evidence": "medical_certificate", "idempotency_key": "b"}
    assert (await desk.staff.post(f"/places/{absent[0]}/absence", data=form, headers=headers)).status_code == 303


async def decided(desk: Desk) -> None:
    await desk.step(at(8, 30))
    leaving = re.findall(r"/enrolment/places/([^/]+)/leaving", await desk.see(desk.own()))
    await desk.send(f"/places/{leaving[0]}/leaving", {"statement": "多次缺课（合成）"})
    await desk.step(at(9, 10))
    page = await desk.see(desk.own("/completion/page?preset=yes"))
    places = re.findall(r'name="p-([^"]+)" value="yes" required checked', page)
    assert len(places) == 2
    unsaid = await desk.send(
        desk.own("/completion/page"), {f"p-{places[0]}": "yes", f"p-{places[1]}": "no"}, status=422
    )
    assert "要写明情况" in plain(unsaid.text)
    await desk.send(
        desk.own("/completion/page"), {f"p-{places[0]}": "yes", f"p-{places[1]}": "no", f"why-{places[1]}": "缺作业"}
    )
    assert "已结束" in plain(await desk.see(desk.own()))
    english = plain(await desk.see(f"{desk.own()}?lang=en"))
    assert "was 23 Aug" in english


async def corrected(desk: Desk) -> None:
    """A dismissal was recorded by mistake: the class is over, the time for corrections is not."""
    links = re.findall(r"/enrolment(/places/[^/]+/correction/page)", await desk.see(f"{desk.own()}?lang=zh"))
    pages = {link: plain(await desk.see(link)) for link in links}
    assert sorted(("现在记为劝退" in page, "现在记为未结业" in page) for page in pages.values()) == [
        (False, True), (True, False)]  # fmt: skip
    assert all("更正期到10月9日 23:59:59" in page for page in pages.values())
    dismissed = next(link for link, page in pages.items() if "劝退" in page.partition("劝退、未结业")[0])
    empty = await desk.send(dismissed, {"reason": " ", "completed": "yes"}, status=422)
    assert "更正要写明原来错在哪里" in plain(empty.text)
    done = await desk.send(dismissed, {"reason": "写错了人（合成）", "completed": "yes"})
    page = plain(await desk.see(done.headers["location"].removeprefix("/enrolment")))
    assert ("记录已更正" in page, page.count("更正") > 1) == (True, True)
    assert "没有要更正的记录" in plain(await desk.see(dismissed))
    again = await desk.staff.post(
        dismissed, data={"reason": "再来", "completed": "no", "idempotency_key": "again"}, headers=HTML
    )
    assert (again.status_code, "没有未参训、劝退、未结业的记录" in plain(again.text)) == (409, True)
    headers = {**HTML, "authorization": f"Bearer {token(desk.stack, 'city', unit='410100')}"}
    for_city = await desk.staff.get(desk.own(), headers=headers)
    left = re.findall(r"/enrolment(/places/[^/]+/absence)", for_city.text)
    form = plain((await desk.staff.get(left[0], headers=headers)).text)
    assert (len(left), "此人已记为未结业" in form) == (1, True)
