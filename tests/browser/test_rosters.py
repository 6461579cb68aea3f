"""Rosters of a province in a real browser: CSV from the form, reasons typed on a phone without scripts."""

from datetime import date

from playwright.async_api import Browser, FilePayload, expect

from tests.integration.enrolment.ground import KEY, POLICIES
from tests.support import messy
from tests.support.pages import before_selection, sideways, watched
from tests.support.stack import RunService

PATIENCE = 60_000
PEOPLE = [
    messy.line("陈样例", messy.number(date(1985, 3, 1)), 1),
    messy.line("何样例", "4.10183E+17", 2),
    messy.line("吴样例", messy.number(date(1975, 3, 1)), 3),
    messy.line("欧阳示例·试用", messy.number(date(1974, 3, 1)), 4),
]


async def test_a_csv_file_from_the_form_and_a_reason_from_a_phone(run_service: RunService, browser: Browser) -> None:
    stack = await run_service("enrolment", "gateway")
    await before_selection(stack, messy.with_age_limit((POLICIES / f"{KEY}.yaml").read_text("utf-8")))
    async with watched(browser, stack.gateway, "county", "desk") as watch:
        page = watch.page
        await page.goto(f"{stack.gateway}/enrolment/imports")
        assert await page.get_attribute("#file", "accept") == ".xlsx,.csv"
        assert "UTF-8、GB18030" in await page.inner_text("#file-hint")
        file = FilePayload(name="名册.csv", mimeType="text/csv", buffer=messy.text(PEOPLE, "gb18030"))
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="上传并检查").click()
        await expect(page.locator("h1")).to_have_text("导入结果：已选送1人，1行要改", timeout=PATIENCE)
        await expect(page.locator(".note-info h2")).to_contain_text("2人只有原则性条件不符，可由市破格")
        assert [await sideways(page), *watch.wrong] == [0]
        address = page.url
    async with watched(browser, stack.gateway, "city", "phone", scripts=False) as watch:
        page = watch.page
        await page.goto(address)
        assert [await sideways(page), *watch.wrong] == [0]
        await page.get_by_role("button", name="破格选送").click()
        await expect(page.locator("#errors")).to_contain_text("一条破格理由也没有写")
        await page.fill("#reason-6", "全乡唯一的音乐教师（合成）")
        await page.get_by_role("button", name="破格选送").click()
        await expect(page.locator(".note-ok h2")).to_have_text("已破格选送1人")
        assert await page.locator("#reason-6").count() == 0
        assert await page.locator("#reason-7").count() == 1
        assert [await sideways(page), *watch.wrong] == [0]
