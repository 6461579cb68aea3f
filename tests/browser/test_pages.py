"""The pages of the story at both widths and in both languages, with and without scripts; what is typed works as plain forms."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from deploy.demo import roster
from deploy.demo.stage import XLSX, YEAR
from deploy.local.servers import Servers
from tests.support.pages import Standing, before_selection, sideways, standing_in_check_in, still_to_come, watched
from tests.support.servers import running_loop
from tests.support.stack import RunService

LEAGUE = f"/reporting/league/{YEAR}/rural"
WAYS = [("desk", True), ("phone", False)]
Pages = dict[str | None, list[str]]
each_way = pytest.mark.parametrize(("size", "scripts"), WAYS)
PATIENCE = 60_000
BAD_ROWS = [["8", "郑测试", "身份证号"], ["14", "杨测试", "身份证号"], ["20", "张测试", "手机号"]]


@pytest.fixture(scope="module")
def standing(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """One system for the file, in a loop of its own; the tests use addresses and ids alone."""
    with ExitStack() as stack:
        loop = stack.enter_context(running_loop())
        context = standing_in_check_in(servers, tmp_path_factory.mktemp("pages") / "run")
        there = loop(context.__aenter__())
        stack.callback(lambda: loop(context.__aexit__(None, None, None)))
        yield there


def main_pages(standing: Standing) -> Pages:
    """What most people look at."""
    klass, ledger = f"/enrolment/classes/{standing.class_id}", f"/notify/ledger?class={standing.class_id}"
    return {
        None: ["/"],
        "county": [f"/enrolment/imports/{standing.job_id}/page", ledger, f"{ledger}&person={standing.places[-1]['person_id']}"],
        "province": [LEAGUE],
        "institution": [f"{klass}/page", f"{klass}/checkin", f"{klass}/checkin/closing"],
        f"teacher-{len(standing.places) - 1}": ["/enrolment/me"],
    }  # fmt: skip


def every_page(standing: Standing) -> Pages:
    """Every page of the story, by who looks at it."""
    klass, last = f"/enrolment/classes/{standing.class_id}", standing.places[-1]
    ledger = f"/notify/ledger?class={standing.class_id}"
    mail = next(m["n"] for m in standing.messages if m["channel"] == "email")
    sms = next(m["n"] for m in standing.messages if m["channel"] == "sms")
    scanned = f"/enrolment/checkin/{standing.codes[-1]['token']}"
    return {
        None: ["/", "/login", "/help", "/docs", "/catalogue"],
        "province": ["/", "/enrolment/classes", f"{klass}/page", "/notify/doubts", "/blacklist/", "/reporting/", LEAGUE,
                     f"{LEAGUE}/places?unit=410100", "/notify/overdue", "/enrolment/commissions"],
        "city": [f"{LEAGUE}?level=county&formula=checkin", f"/enrolment/places/{last['place_id']}/absence"],
        "county": ["/enrolment/imports", f"/enrolment/imports/{standing.job_id}/page", "/notify/ledger", ledger,
                   f"{ledger}&person={last['person_id']}", f"/notify/ledger?person={last['person_id']}"],
        "institution": [f"{klass}/page", f"{klass}/checkin", f"{klass}/checkin/closing", f"{klass}/completion/page",
                        f"{klass}/page/move", f"{klass}/page/cancel", f"{klass}/page/staff", f"{klass}/page/places",
                        f"{klass}/documents/page?document=timetable", "/enrolment/new-class", scanned,
                        "/enrolment/papers", f"/enrolment/papers?policy={YEAR}&project=rural&unit=inst-001"],
        f"teacher-{len(standing.places) - 1}": ["/", "/enrolment/me", "/blacklist/me", scanned],
        "ops": ["/parked", "/sink/", f"/sink/messages/{mail}", f"/sink/messages/{sms}"],
    }  # fmt: skip


@pytest.mark.parametrize(("pages", "lang", "scripts"), [(main_pages, "zh", True), (every_page, "en", False)])
async def test_the_pages_are_whole_at_both_widths(
    standing: Standing, browser: Browser, pages: Callable[[Standing], Pages], lang: str, *, scripts: bool
) -> None:
    faults: dict[str, list[str]] = {}
    for account, paths in pages(standing).items():
        async with watched(browser, standing.gateway, account, "desk", scripts=scripts) as watch:
            for path in paths:
                faults |= {f"{account} {path}": found} if (found := await watch.faults(path, lang)) else {}
    assert faults == {}


async def test_a_roster_goes_from_the_form_to_the_rows_to_correct(run_service: RunService, browser: Browser) -> None:
    """Twice the same file: the second selects nobody once more; each lists the bad rows alone."""
    stack = await run_service("enrolment", "gateway")
    await before_selection(stack)
    book = FilePayload(name="名册.xlsx", mimeType=XLSX, buffer=roster.workbook(roster.teachers(24)))
    for selected, (size, scripts) in zip((20, 0), WAYS, strict=True):
        async with watched(browser, stack.gateway, "county", size, scripts=scripts) as watch:
            page = watch.page
            await page.goto(f"{stack.gateway}/enrolment/imports")
            await page.set_input_files("#file", book)
            await page.get_by_role("button", name="上传并检查").click()
            await expect(page.locator("h1")).to_have_text(f"导入结果：已选送{selected}人，3行要改", timeout=PATIENCE)
            assert await rows_to_correct(page) == BAD_ROWS
            assert [await sideways(page), *watch.wrong] == [0]


async def rows_to_correct(page: Page) -> list[list[str]]:
    """Row number, name and field of each line of the list of bad rows."""
    lines = await page.locator(".box", has_text="需要修改的3行").locator("tbody tr").all()
    return [(await line.inner_text()).split()[:3] for line in lines]


@each_way
async def test_a_code_is_shown_typed_and_refused_the_second_time(
    standing: Standing, browser: Browser, size: str, *, scripts: bool
) -> None:
    """From the teacher's phone to the desk of the institution: the typed code, in a plain form."""
    index = still_to_come(standing)[WAYS.index((size, scripts))]
    async with watched(browser, standing.gateway, f"teacher-{index}", "phone", scripts=scripts) as watch:
        await watch.page.goto(f"{standing.gateway}/enrolment/me")
        await expect(watch.page.locator("svg.qr")).to_be_visible()
        code = await watch.page.locator(".code").inner_text()
        assert watch.wrong == []
    assert code == standing.codes[index]["code"]
    async with watched(browser, standing.gateway, "institution", size, scripts=scripts) as watch:
        page = watch.page
        await page.goto(f"{standing.gateway}/enrolment/classes/{standing.class_id}/checkin")
        here = int((await page.locator(".figure b").first.inner_text()).split()[0])
        await page.fill("#code", code.lower())
        await page.get_by_role("button", name="报到", exact=True).click()
        await expect(page.locator(".note-ok h2")).to_contain_text(standing.places[index]["name"])
        assert await page.locator(".figure b").first.inner_text() == f"{here + 1} / {len(standing.places)}"
        await page.fill("#code", code)
        await page.get_by_role("button", name="报到", exact=True).click()
        await expect(page.locator("#errors")).to_contain_text("不用再扫")
        assert await page.input_value("#code") == code
        assert watch.wrong == []


@each_way
async def test_the_ledger_leads_from_a_class_to_a_person(
    standing: Standing, browser: Browser, size: str, *, scripts: bool
) -> None:
    async with watched(browser, standing.gateway, "county", size, scripts=scripts) as watch:
        page, name = watch.page, standing.places[0]["name"]
        await page.goto(f"{standing.gateway}/notify/ledger")
        await page.get_by_role("link", name="乡村骨干07班").click()
        moved = page.locator("tr", has_text="改期或取消").first
        assert "8月26日" in await moved.inner_text()
        assert await moved.locator("s").inner_text() == "8月23日"
        await page.goto(f"{page.url}&person={standing.places[0]['person_id']}")
        assert await page.locator("h1").inner_text() == "提醒台账：乡村骨干07班"
        assert await page.locator("#own h2").inner_text() == f"一个人的全部提醒：{name}"
        await page.locator("#own details summary").first.click()
        assert name in await page.locator("#own .as-read").first.inner_text()
        assert watch.wrong == []


@each_way
async def test_the_league_table_leads_to_the_places_behind_a_figure(
    standing: Standing, browser: Browser, size: str, *, scripts: bool
) -> None:
    async with watched(browser, standing.gateway, "province", size, scripts=scripts) as watch:
        page = watch.page
        await page.goto(standing.gateway)
        assert "20 / 20人" in await page.locator(".stages li", has_text="遴选").inner_text()
        await page.goto(f"{standing.gateway}/reporting/")
        await page.get_by_role("link", name="乡村教师素质提升培训").click()
        row = page.locator("tbody tr", has_text="郑州市")
        assert "95.00%" in await row.inner_text()
        await row.locator("a[href*='/places?']:visible").first.click()
        assert await page.locator("tbody tr").count() == len(standing.places)
        assert watch.wrong == []
