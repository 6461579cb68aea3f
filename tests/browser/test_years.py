"""From an empty system to a published year in a real browser: on a desk with scripts, on a phone without."""

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.integration.enrolment.ground import KEY, POLICIES
from tests.support.pages import Watch, sideways, watched
from tests.support.stack import RunService

PATIENCE = 60_000
UNITS = (POLICIES / "units-henan.yaml").read_bytes()
YEAR = (POLICIES / f"{KEY}.yaml").read_text("utf-8")
BROKEN = YEAR.replace("due: {date: 2021-08-10}", "due: {date: 2021-08-32}")


async def choose(page: Page, field: str, content: bytes, button: str) -> None:
    file = FilePayload(name=f"{field}.yaml", mimeType="application/yaml", buffer=content)
    await page.set_input_files(f"#{field}", file)
    await page.get_by_role("button", name=button).click()


async def whole(watch: Watch) -> None:
    assert [await sideways(watch.page), *watch.wrong] == [0]


@pytest.mark.parametrize(("size", "scripts"), [("desk", True), ("phone", False)])
async def test_an_officer_brings_in_units_and_a_year_and_publishes_it(
    run_service: RunService, browser: Browser, size: str, *, scripts: bool
) -> None:
    stack = await run_service("enrolment", "gateway")
    async with watched(browser, stack.gateway, "province", size, scripts=scripts) as watch:
        page = watch.page
        await page.goto(f"{stack.gateway}/enrolment/units/page")
        await page.get_by_role("main").get_by_role("link", name="年度计划").click()
        await expect(page.locator("main")).to_contain_text("先导入单位")
        await whole(watch)
        await choose(page, "units-file", UNITS, "上传单位")
        await expect(page.locator(".note-ok h2")).to_contain_text("单位文件已导入", timeout=PATIENCE)
        await whole(watch)
        await choose(page, "year-file", BROKEN.encode(), "上传并检查")
        await expect(page.locator("#faults")).to_contain_text("2021-08-32", timeout=PATIENCE)
        await expect(page.locator("#faults")).to_contain_text("Line ")
        await whole(watch)
        await page.locator("#text").evaluate("(field, text) => { field.value = text }", YEAR)  # typed, it takes 5 s
        await page.get_by_role("button", name="重新检查").click()
        await expect(page.locator(".note-ok h2")).to_have_text("草稿已保存", timeout=PATIENCE)
        await whole(watch)
        for code in ("410000", "410100"):
            await page.goto(f"{stack.gateway}/enrolment/years/{KEY}")
            await page.locator("#blockers").get_by_role("link").first.click()
            await page.fill("#name", "示例联系人")
            await page.fill("#email", f"{code}@example.invalid")
            await page.get_by_role("button", name="保存联系人").click()
            await expect(page.locator(".note-ok h2")).to_have_text("联系人已保存")
            await whole(watch)
        await page.goto(f"{stack.gateway}/enrolment/years")
        await choose(page, "year-file", YEAR.replace("2021-08-10}", "2021-08-12}").encode(), "上传并检查")
        await expect(page.locator("h1")).to_contain_text("处不同", timeout=PATIENCE)
        await whole(watch)
        await page.get_by_role("button", name="替换草稿").click()
        await expect(page.locator("#deadlines")).to_contain_text("2021年8月12日", timeout=PATIENCE)
        await page.get_by_role("button", name="发布年度计划").click()
        await expect(page.locator("#errors")).to_contain_text("没有勾选")
        await page.check("#sure")
        await page.get_by_role("button", name="发布年度计划").click()
        await expect(page.locator(".note-ok h2").first).to_have_text("年度计划已发布", timeout=PATIENCE)
        await whole(watch)
        await page.get_by_text("逐条查看理由").click()
        await whole(watch)
