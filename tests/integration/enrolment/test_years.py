"""From an empty system to a published year through pages alone: forms, files and links, no script."""

import asyncio
import re
from html import unescape

import pytest

from services.enrolment.programmes import service as programmes
from shared.policy import load
from shared.problems import Problem
from tests.integration.enrolment.desk import CITY, HIDDEN, OTHER, PROVINCE, UNITS, YEAR, Desk, ready
from tests.integration.enrolment.ground import KEY, POLICIES, Ground, context, policy
from tests.integration.enrolment.test_classes_pages import plain
from tests.integration.shared.rig import until

BLOCKERS = re.compile(r'<ul id="blockers">(.*?)</ul>', re.DOTALL)
SPREAD = 'shape: tree, total: 5, allocation: {"410100": 5}, synthetic: true'
MOMENT = r"\d{4}年\d+月\d+日 \d\d:\d\d"


async def test_the_units_of_an_empty_system_come_from_a_form(desk: Desk) -> None:
    empty = await desk.see(PROVINCE, "/years")
    assert "先导入单位" in plain(empty)
    assert 'href="/enrolment/years"' in await desk.see(PROVINCE, "/units/page")
    none = await desk.post(PROVINCE, "/years", {"what": "units"}, 422)
    assert "没有选择文件，或文件是空的。 请选择.yaml文件。" in plain(none.text).replace("。请", "。 请")
    other = await desk.upload(PROVINCE, "units", "单位".encode("gb18030"), 422)
    assert "文件不是UTF-8编码。" in plain(other.text)
    broken = UNITS.replace(
        'kind: city, reports_to: "410000", names: {zh: 郑州市', 'kind: town, reports_to: "410000", names: {zh: 郑州市'
    )
    bad = await desk.upload(PROVINCE, "units", broken, 422)
    line = next(n for n, said in enumerate(broken.splitlines(), start=1) if "kind: town" in said)
    assert "单位文件没有导入：1处要改" in plain(bad.text)
    assert f"第{line}行" in bad.text
    assert f"Line {line}, " in bad.text
    assert "kind: town" in bad.text.partition("<textarea")[2], "what was sent is there to be corrected"
    corrected = await desk.post(PROVINCE, "/years", {"what": "units", "name": "units.yaml", "text": UNITS}, 303)
    after = plain(await desk.see(PROVINCE, corrected.headers["location"].removeprefix("/enrolment")))
    assert "单位文件已导入：" in after
    assert "其中新增或变更0个" not in after
    again = await desk.upload(PROVINCE, "units", UNITS)
    assert again.headers["location"].endswith("&changed=0")
    moved = UNITS.replace(
        'code: "410181", system: division, kind: direct_county, reports_to: "410000"',
        'code: "410181", system: division, kind: direct_county, reports_to: "410100"',
    )
    refused = await desk.upload(PROVINCE, "units", moved, 422)
    assert 'code: "410181"' in unescape(plain(refused.text)).partition("要改的1处")[2].partition("<textarea")[0]
    await desk.upload(CITY, "units", UNITS, 404)


@pytest.mark.rule("A10")
async def test_a_year_with_mistakes_then_a_good_one_blocked_until_everybody_has_a_contact(desk: Desk) -> None:
    await desk.upload(PROVINCE, "units", UNITS)
    broken = YEAR.replace("due: {date: 2021-08-10}", "due: {date: 2021-08-32}").replace(
        "form: in_person, amount: {days: 15}", "form: in_person, amount: {days: many}", 1
    )
    bad = await desk.upload(PROVINCE, "year", broken, 422)
    said = plain(bad.text)
    for part in ("2021-08-32", "{days: many}"):
        line = next(n for n, text in enumerate(broken.splitlines(), start=1) if part in text)
        assert f"第{line}行" in said
        assert f"Line {line}, " in said
    assert "还没有年度计划" in said
    await desk.see(PROVINCE, f"/years/{KEY}", 404)
    kept = await desk.post(
        PROVINCE, "/years", {"what": "year", "name": "year.yaml", "text": YEAR.replace("\n", "\r\n")}, 303
    )
    assert kept.headers["location"] == f"/enrolment/years/{KEY}?done=kept"
    page = await desk.see(PROVINCE, f"/years/{KEY}?done=kept")
    assert "还不能发布：2个单位没有联系人" in plain(page)
    blockers = BLOCKERS.findall(page)[0]
    assert "/enrolment/units/410000/page" in blockers
    assert "/enrolment/units/410100/page" in blockers
    assert "发布年度计划" not in plain(page)
    assert re.search(f"的草稿，{MOMENT}保存", plain(page)), "the day is told with its year"
    await desk.contact("410000")
    mute = await desk.publish(status=409)
    assert "郑州市没有联系人" in plain(mute.text)
    await desk.contact("410100")
    open_ = plain(await desk.see(PROVINCE, f"/years/{KEY}"))
    assert "发布后向1个单位下达20个名额" in open_.replace(" ", "")
    unsure = await desk.publish(status=422, sure="")
    assert "没有勾选“我已核对”，没有发布。" in plain(unsure.text)
    stale = await desk.publish(status=409, sha256="0" * 64)
    assert "草稿被替换了，没有发布" in plain(stale.text)
    done = await desk.publish(status=303)
    assert done.headers["location"].endswith("?done=published")
    after = plain(await desk.see(PROVINCE, f"/years/{KEY}?done=published"))
    assert "年度计划已发布" in after
    assert re.search(f"在{MOMENT}发布", after)
    assert re.search(f"保存时间{MOMENT}发布时间{MOMENT}", after)
    assert "还差20人" in plain(await desk.see(CITY, "/quota"))
    assert re.search(f"已发布 {MOMENT}", plain(await desk.see(OTHER, "/years")))
    await desk.publish(CITY, status=404)
    twice = await desk.publish(status=409)
    assert "已发布，不能再改草稿或重复发布" in plain(twice.text)


@pytest.mark.rule("D07", "B01", "M01")
async def test_the_page_of_a_year_says_what_an_officer_asks(desk: Desk) -> None:
    await ready(desk, "410000", "410100")
    page = plain(await desk.see(PROVINCE, f"/years/{KEY}")).replace(" ", "")
    for said in (
        "集中培训15天、在线培训30学时",
        "每单位50人650",
        "差额推荐1:1.2，推荐180人，择优确定150",
        "由“名师网络工作室”的人数决定未载明",
        "名额表未到未载明",
        "遴选市县、学校2021年7月30日",
        "报送材料报到通知书承训单位开班前10天",
        "集中培训经费400元／人／天",
        "名额注册完成率注册人数÷名额参加排名",
        "视导成绩，满分100分",
        "三年内不得再参加省级组织的集中培训项目",
        "未参训、被劝退、未结业",
        "3年，自",
        "河南省，2人确认",
    ):
        assert said in page
    assert "虚拟" in page
    assert "推定" in page
    english = plain(await desk.see(PROVINCE, f"/years/{KEY}?lang=en"))
    assert "10 days before the class start" in english
    assert "registered ÷ quota" in english


async def test_a_second_posting_shows_the_differences_before_it_is_taken(desk: Desk) -> None:
    await ready(desk, "410000", "410100")
    same = await desk.upload(PROVINCE, "year", YEAR)
    assert same.headers["location"].endswith("?done=same")
    other = YEAR.replace("due: {date: 2021-08-10}", "due: {date: 2021-08-12}")
    shown = await desk.upload(PROVINCE, "year", other, 200)
    assert "期限 deadlines[class-start-due].due.date 改动 2021-08-10 2021-08-12" in plain(shown.text)
    assert "2021年8月10日" in plain(await desk.see(PROVINCE, f"/years/{KEY}"))
    form = {name: value for name, value in HIDDEN.findall(shown.text) if name in {"what", "name", "over"}}
    await desk.post(PROVINCE, "/years", form | {"text": other, "over": "0" * 64}, 200)
    await desk.post(PROVINCE, "/years", form | {"text": other}, 303)
    assert "2021年8月12日" in plain(await desk.see(PROVINCE, f"/years/{KEY}"))
    stored = dict(HIDDEN.findall(await desk.see(PROVINCE, f"/years/{KEY}")))["sha256"]
    await desk.publish(status=303, sha256=stored)
    late = plain((await desk.upload(PROVINCE, "year", YEAR.replace("year: 2021\n", "year: 2023\n", 1), 409)).text)
    assert "已发布的年度不能替换" in late
    assert re.search(f"已在{MOMENT}发布", late)
    assert "年度 policy.year 改动 2021 2023" in late
    assert "自发布起不可修改" in late


async def test_a_city_issues_its_own_year_and_leaves_those_of_others_alone(desk: Desk) -> None:
    await ready(desk)
    await desk.see(CITY, f"/years/{KEY}", 404)
    assert KEY not in await desk.see(CITY, "/years")
    await desk.upload(CITY, "year", YEAR, 404)
    own, small = [(POLICIES / f"{key}.yaml").read_text("utf-8") for key in ("zhengzhou-2022", "henan-2022")]
    kept = await desk.upload(CITY, "year", own)
    assert kept.headers["location"] == "/enrolment/years/zhengzhou-2022?done=kept"
    assert "郑州市的草稿" in plain(await desk.see(CITY, "/years/zhengzhou-2022"))
    await desk.see(OTHER, "/years/zhengzhou-2022", 404)
    await desk.see(PROVINCE, "/years/zhengzhou-2022")
    foreign = (
        small.replace("henan-2022", "zhengzhou-2022").replace('"410000"', '"410200"').replace(SPREAD, "shape: unstated")
    )
    refused = await desk.send(OTHER, "/programmes", foreign)
    assert (refused.status_code, refused.json()["code"]) == (404, "out-of-scope")
    assert "郑州市的草稿" in plain(await desk.see(CITY, "/years/zhengzhou-2022"))


async def test_of_two_first_issuers_at_the_same_moment_one_has_the_key(ground: Ground) -> None:
    source, own = policy("zhengzhou-2022")
    foreign = load(source.replace('"410100"', '"410200"'))

    async def draft_of_another() -> None:
        async with ground.db.write() as con:
            await programmes.draft(con, context(), ground.as_("city", "410200"), foreign, source)

    async def waiting() -> bool:
        return bool(
            await ground.count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        )

    async with ground.db.write() as con:
        await programmes.draft(con, context(), ground.as_("city", "410100"), own, source)
        later = asyncio.create_task(draft_of_another())
        await until(waiting)
    with pytest.raises(Problem) as refused:
        await later
    assert refused.value.code == "out-of-scope"
    async with ground.db.system() as con:
        kept = await programmes.known(con, "zhengzhou-2022")
    assert kept.policy.issuer == "410100"
