"""A bureau's officer through pages alone: units and contacts, quota down and sideways. Forms and links, no script."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from shared.client import client
from shared.db import Database
from tests.integration.enrolment.ground import COHORT, KEY, SCHOOL, Ground, at, lay
from tests.integration.enrolment.test_classes_pages import plain
from tests.integration.enrolment.test_unitlists import NEW, csv, xlsx
from tests.integration.enrolment.trainers import TRAINER, assign
from tests.support.stack import RunService
from tests.support.visitor import HTML, token

QUOTA = f"/programmes/{KEY}/cohorts/{COHORT}/quota"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Bureau:
    """A running service and officers of several units."""

    stack: Stack
    ground: Ground
    http: httpx.AsyncClient

    def headers(self, role: str, unit: str) -> dict[str, str]:
        return {**HTML, "authorization": f"Bearer {token(self.stack, role, unit=unit)}"}

    async def see(self, who: tuple[str, str], path: str, status: int = 200) -> str:
        answer = await self.http.get(f"/enrolment{path}", headers=self.headers(*who), follow_redirects=True)
        assert answer.status_code == status, plain(answer.text)
        return answer.text

    async def send(
        self,
        who: tuple[str, str],
        path: str,
        form: dict[str, Any],
        *,
        to: str = "",
        status: int = 303,
        files: Any = None,
    ) -> httpx.Response:
        """Fill in the first form of a page; its hidden fields come along."""
        hidden = dict(HIDDEN.findall(await self.see(who, path)))
        answer = await self.http.post(f"/enrolment{to or path.partition('?')[0]}", data={**hidden, **form}, files=files, headers=self.headers(*who))  # fmt: skip
        assert answer.status_code == status, plain(answer.text)
        return answer


@pytest_asyncio.fixture
async def bureau(run_service: RunService) -> AsyncIterator[Bureau]:
    stack = await run_service("enrolment")
    dsns = stack.dsns["enrolment"]
    async with (
        Database(dsns.writer, dsns.reader) as db,
        client(20, base_url=stack.urls["enrolment"]) as http,
    ):
        yield Bureau(stack, await lay(db), http)


CITY, COUNTY, PROVINCE = ("city", "410100"), ("county", "410183"), ("province", "410000")


async def test_a_city_brings_its_schools_in_and_names_their_contacts(bureau: Bureau) -> None:
    own = plain(await bureau.see(CITY, "/units/page"))
    assert "直属下级17个" in own
    unsaid = await bureau.send(CITY, "/unit-lists", {}, files={"file": ("a.csv", csv(NEW))}, status=422)
    assert "没有选择这个文件是全部单位" in plain(unsaid.text)
    wrong = await bureau.send(CITY, "/unit-lists", {"span": "part"}, files={"file": ("a.docx", b"PK")}, status=422)
    assert "请上传.xlsx或.csv，您选的是a.docx" in plain(wrong.text)
    rows = (NEW, ("410183-s101", "样例二校", "幼儿园", "410183"))
    sent = await bureau.send(CITY, "/unit-lists", {"span": "part"}, files={"file": ("单位表.xlsx", xlsx(*rows))})
    address = sent.headers["location"].removeprefix("/enrolment")
    shown = plain(await bureau.see(CITY, address))
    assert "预览：1处改动，还没有生效" in shown
    assert "3 样例二校 类别“幼儿园”不在规定之内。 请改为：" in shown
    assert "没有找到“样例乡”" in plain(await bureau.see(CITY, "/units/410100/page?find=样例乡"))
    await bureau.send(CITY, address, {})
    assert "已生效：1处改动" in plain(await bureau.see(CITY, address))
    again = await bureau.send(CITY, address, {"idempotency_key": "again"}, status=409)
    assert "这份单位表已由city在" in plain(again.text)
    found = plain(await bureau.see(CITY, "/units/410100/page?find=样例乡"))
    assert "样例乡小学 410183-s100 乡镇学校 新密市" in found
    assert "preview" in (await bureau.see(CITY, f"{address}?lang=en")).lower()


@pytest.mark.rule("A10")
async def test_missing_contacts_are_listed_for_the_superior_until_they_are_named(bureau: Bureau) -> None:
    await bureau.send(CITY, "/unit-lists", {"span": "part"}, files={"file": ("a.csv", csv(NEW))})
    listed = re.findall(r"/enrolment/unit-lists/([^/]+)/page", await bureau.see(CITY, "/unit-lists"))
    await bureau.send(CITY, f"/unit-lists/{listed[0]}/page", {})
    county = plain(await bureau.see(COUNTY, "/units/410183/page?only=missing"))
    assert "还有1个单位没有联系人" in county
    assert "样例乡小学" in county
    assert "示例乡中心小学" not in county
    own = "/units/410183-s100/page"
    bad = await bureau.send(COUNTY, own, {"name": "示例人", "email": "", "phone": ""}, to=f"{own}/contact", status=422)
    assert "样例乡小学的联系人缺姓名，或邮箱、电话都不可用。" in plain(bad.text)
    assert 'value="示例人"' in bad.text
    await bureau.send(("school", "410183-s100"), own, {"name": "示例人", "phone": "0371-00000110"}, to=f"{own}/contact")
    assert 'value="0371-00000110"' in await bureau.see(COUNTY, own)
    assert "本单位和下级都有联系人" in plain(await bureau.see(COUNTY, "/units/page"))
    await bureau.see(("school", SCHOOL), own, 404)
    await bureau.see(("school", "410183-s002"), "/units/410183/page", 404)


@pytest.mark.rule("Q03", "Q04")
async def test_quota_goes_down_by_a_table_that_shows_what_is_left(bureau: Bureau) -> None:
    assert "还差20人" in plain(await bureau.see(CITY, "/quota"))
    page = plain(await bureau.see(CITY, f"{QUOTA}/page"))
    assert "本级名额20人，还有20人没下达。" in page
    same = await bureau.send(CITY, f"{QUOTA}/page", {}, status=422)
    assert "“新名额”一列没有改动" in plain(same.text)
    checked = plain((await bureau.send(CITY, f"{QUOTA}/page", {"p-410183": "15", "act": "check"}, status=200)).text)
    assert "核算结果：还有5人没下达" in checked
    assert "本级名额20人，还有20人没下达。" in plain(await bureau.see(CITY, f"{QUOTA}/page"))
    over = await bureau.send(CITY, f"{QUOTA}/page", {"p-410183": "15", "p-410182": "7"}, status=422)
    assert "郑州市：下级合计22人，超过本级名额20人，请减少2人。" in plain(over.text)
    assert "荥阳市没有联系人，提醒送不到人。" in plain(over.text)
    assert 'id="p-410182" name="p-410182" inputmode="numeric" autocomplete="off" value="7"' in over.text
    for none in ("十五", "2²", "1" * 5000):
        text = await bureau.send(CITY, f"{QUOTA}/page", {"p-410183": none}, status=422)
        assert "不是0到999999之间的整数" in plain(text.text)
    await bureau.send(CITY, f"{QUOTA}/page", {"p-410183": "２０"})
    await bureau.send(COUNTY, f"{QUOTA}/page", {f"p-{SCHOOL}": "12", "p-410183-s002": "8"})
    await bureau.ground.select(await bureau.ground.people(9))
    county = plain(await bureau.see(COUNTY, f"{QUOTA}/page"))
    assert "本级名额20人，还有0人没下达。" in county
    assert re.search(r"示例乡中心小学 12 – 9 .*还差3人", county)
    low = await bureau.send(COUNTY, f"{QUOTA}/page", {f"p-{SCHOOL}": "8"}, status=422)
    assert "示例乡中心小学：新名额8人少于已遴选的9人，请改为9人或以上。" in plain(low.text)
    assert "名额12人，已选送9人" in plain(await bureau.see(("school", SCHOOL), f"{QUOTA}/page"))
    await bureau.see(("school", SCHOOL), f"{QUOTA}/page?unit=410183", 404)
    await bureau.see(("city", "410200"), f"{QUOTA}/page?unit=410100", 404)
    assert "计划中的名额表共20人" in plain(await bureau.see(PROVINCE, f"{QUOTA}/page"))


async def test_places_move_by_a_form_and_back_by_a_button(bureau: Bureau) -> None:
    await bureau.ground.quota(20)
    await bureau.ground.select(await bureau.ground.people(15))
    moves = f"{QUOTA}/moves/page"
    form = {"giver": SCHOOL, "taker": "410183-s002", "places": "6"}
    refused = plain((await bureau.send(COUNTY, moves, form, status=422)).text)
    assert "示例乡中心小学有20个名额，其中15个已选送或已下达，要调出6个，最多可调5个。" in refused
    assert "还没填完" not in refused
    await bureau.send(COUNTY, moves, {**form, "places": "5"})
    page = await bureau.see(COUNTY, f"{moves}?done=moved")
    assert "调回5人" in plain(page)
    back = re.findall(r'name="(giver|taker|places)" value="([^"]+)"', page)
    assert dict(back) == {"giver": "410183-s002", "taker": SCHOOL, "places": "5"}
    await bureau.send(COUNTY, moves, dict(back))
    assert re.search(r"示例乡中心小学 20 15 5", plain(await bureau.see(COUNTY, moves)))
    for empty in ({"giver": "", "taker": "", "places": "x"}, {**form, "places": "²"}):
        refused = plain((await bureau.send(COUNTY, moves, empty, status=422)).text)
        assert "调出、调入单位和人数都要填" in refused
    assert "调剂由上级单位办理" in plain(await bureau.see(("school", SCHOOL), moves))
    english = plain(await bureau.see(COUNTY, f"{moves}?lang=en"))
    assert "Move places between units of Xinmi" in english


async def test_an_institution_that_is_no_more_is_not_replaced_by_another_in_the_form(bureau: Bureau) -> None:
    """It chooses for a pool and has closed; a browser would show the first of the others as if it were named."""
    page = f"/programmes/{KEY}/pools/{TRAINER}/nominations/page"
    await assign(bureau.ground)
    assert '<option value="inst-001" selected>' in await bureau.see(PROVINCE, page)
    async with bureau.ground.db.write() as con:
        await con.execute("update unit set valid_until = '2021-07-01' where code = 'inst-001'")
    select = re.findall(r'<select[^>]*name="institution".*?</select>', await bureau.see(PROVINCE, page))
    assert len(select) == 1
    assert '<option value="">' in select[0]
    assert "selected" not in select[0]


async def test_after_the_deadline_the_page_says_so(bureau: Bureau) -> None:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {bureau.stack.service_token}"}) as http:
        await http.post(f"{bureau.stack.urls['enrolment']}/enrolment/_time", json={"to": at(7, 31).isoformat()})
    assert "遴选已于7月30日 23:59:59截止，不能再下达" in plain(await bureau.see(CITY, f"{QUOTA}/page"))
    late = await bureau.send(CITY, f"{QUOTA}/page", {"p-410183": "20"}, status=409)
    assert "遴选已于7月30日 23:59:59截止。" in plain(late.text)
