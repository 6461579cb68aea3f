"""From a share of the nominations to the choice, as plain forms: the issuer, the city and the institution, at both widths."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.stack import Stack
from tests.integration.enrolment.bureau import Bureau, at_work, born_1985, sheet
from tests.integration.enrolment.ground import KEY, SCHOOL
from tests.support.pages import before_selection, sideways, watched
from tests.support.stack import RunService

POOL = f"/enrolment/programmes/{KEY}/pools/trainer"
TABLE = f"/enrolment/programmes/{KEY}/cohorts/local-trainer/table/page"
LISTS = f"/enrolment/programmes/{KEY}/lists"
PROVINCE, CITY, COUNTY = ("province", "410000"), ("city", "410100"), ("county", "410183")


@asynccontextmanager
async def prepared(stack: Stack) -> AsyncIterator[Bureau]:
    """Four people who may be nominated; nothing is shared out yet."""
    await before_selection(stack)
    async with at_work(stack) as bureau:
        await bureau.roster(COUNTY, (KEY, "rural-teacher"), sheet(SCHOOL, 4))
        people: list[dict[str, Any]] = [
            {"person_id": p, "roles": ["chief_expert"], "trainer_since": "2015-09-01"}
            for p in await bureau.people(COUNTY)
        ]
        await bureau.ok(COUNTY, "POST", f"/programmes/{KEY}/credentials", json={"people": people})
        yield bureau


@pytest.mark.rule("Q13")
async def test_nominations_are_shared_out_sent_by_roster_and_chosen_from(
    run_service: RunService, browser: Browser
) -> None:
    stack = await run_service("enrolment", "gateway")
    async with prepared(stack):
        await share_out(stack, browser)
        await nominate(stack, browser)
        await choose(stack, browser)
        await result(stack, browser)


async def share_out(stack: Stack, browser: Browser) -> None:
    """The issuer sees the invented spread marked, corrects it, and names who chooses."""
    async with watched(browser, stack.gateway, "province", "desk", scripts=False) as watch:
        page = watch.page
        assert await watch.faults(TABLE) == []
        await paste_a_list(page)
        for path in ("/enrolment/nominations", LISTS, TABLE):
            assert await watch.faults(path, "en") == []
        assert await watch.faults("/enrolment/nominations") == []
        await page.get_by_role("link", name="省级教师培训师").click()
        await expect(page.locator("#shares tbody tr")).to_have_count(29)
        await expect(page.locator("#shares tbody tr").first.locator(".tag-due")).to_have_text("虚拟")
        assert await page.input_value("input[name='s-410100']") == "14"
        for box in await page.locator("#shares input[name^='s-']").all():
            await box.fill("180" if await box.get_attribute("name") == "s-410100" else "0")
        await page.fill("input[name='s-410200']", "1")
        await page.locator("#shares").get_by_role("button", name="下达", exact=True).click()
        await expect(page.locator("#errors")).to_contain_text("超过推荐总数180人")
        assert await page.input_value("input[name='s-410200']") == "1"
        await page.fill("input[name='s-410200']", "0")
        await page.locator("#shares").get_by_role("button", name="下达", exact=True).click()
        await expect(page.locator(".note-ok h2")).to_have_text("已下达推荐名额")
        await page.select_option("#institution", label="示例师范大学")
        await page.get_by_role("button", name="指定").click()
        await expect(page.locator(".note-ok h2")).to_have_text("已指定选定单位")
        assert watch.wrong == []


async def paste_a_list(page: Page) -> None:
    """A list of people is pasted as ID numbers; one that is wrong is told by its place."""
    await page.get_by_role("link", name="要导入的名单").click()
    await page.select_option("#list", "provincial-candidates")
    await page.fill("#members", f"{born_1985(1)}\n{born_1985(2)[:-1]}")
    await page.get_by_role("button", name="导入这份名单").click()
    await expect(page.locator("#errors")).to_contain_text("第2个身份证号不对")
    await page.fill("#members", f"{born_1985(1)}、{born_1985(2)}")
    await page.get_by_role("button", name="导入这份名单").click()
    await expect(page.locator(".note-ok h2")).to_have_text("名单已导入")
    assert "2" in await page.locator("tbody tr", has_text="已导入").inner_text()


async def nominate(stack: Stack, browser: Browser) -> None:
    """The city's roster is a list of nominations; its officer ticks what the unit attests."""
    async with watched(browser, stack.gateway, "city", "desk", scripts=False) as watch:
        page = watch.page
        await page.goto(f"{stack.gateway}/enrolment/nominations")
        await page.get_by_role("link", name="推荐", exact=True).last.click()
        await page.set_input_files(
            "#file", {"name": "名册.xlsx", "mimeType": "application/zip", "buffer": sheet(SCHOOL, 4)}
        )
        await page.check("#attested")
        await page.get_by_role("button", name="上传并检查").click()
        await expect(page.locator("h1")).to_have_text("导入结果：全部通过，已推荐4人", timeout=60_000)
        assert await watch.faults(f"{POOL}/nominations/page") == []
        assert await watch.faults(f"{POOL}/nominations/page", "en") == []


async def choose(stack: Stack, browser: Browser) -> None:
    """Marks without a reason come back as they were set; with one, two are chosen and one is not."""
    async with watched(browser, stack.gateway, "institution", "phone", scripts=False) as watch:
        page = watch.page
        for lang in ("en", "zh"):
            assert await watch.faults(f"{POOL}/choices/page", lang) == []
        await mark(page, ["choose", "choose", "pass"])
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator("#errors")).to_contain_text("不选的人要写理由")
        assert await page.locator("input[value=choose]:checked").count() == 2
        assert await sideways(page) == 0
        await page.fill("#reason", "本期方向不符（合成）")
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator(".note-ok h2")).to_have_text("已提交")
        assert await page.locator(".figure b").nth(2).inner_text() == "148"
        assert watch.wrong == []


async def mark(page: Page, marks: list[str]) -> None:
    for line, value in zip(await page.locator("tbody tr").all(), marks, strict=False):
        await line.locator(f"input[value={value}]").check()


async def result(stack: Stack, browser: Browser) -> None:
    """The city reads who was chosen, and why somebody was not."""
    async with watched(browser, stack.gateway, "city", "phone", scripts=False) as watch:
        assert await watch.faults(f"{POOL}/nominations/page") == []
        shown = await watch.page.locator("tbody").inner_text()
        assert (shown.count("已选定"), shown.count("待选定"), "本期方向不符（合成）" in shown) == (2, 1, True)
