"""Ban cases in a real browser, wide and on a phone, with and without scripts."""

from datetime import datetime

import pytest
from playwright.async_api import Browser, Page

from deploy.local.stack import Stack
from shared.auth import COOKIE
from tests.integration.blacklist.ground import NO_SHOW, follow, story
from tests.integration.blacklist.test_appeals import banned
from tests.integration.blacklist.test_http import step
from tests.support.pages import opened, sideways, small_targets
from tests.support.stack import RunService
from tests.support.streams import feed_running
from tests.support.visitor import token, visitor
from tests.support.year import Year, at, policy

CASE = f"/blacklist/cases/{NO_SHOW}"


async def enter(page: Page, stack: Stack, role: str, *, unit: str | None = None, person: str | None = None) -> None:
    bearer = token(stack, role, unit=unit, person=person, name="browser")
    await page.context.add_cookies([{"name": COOKIE, "value": bearer, "url": stack.gateway}])


@pytest.mark.rule("L10")
async def test_a_ban_is_appealed_on_a_phone_and_decided_at_a_desk(run_service: RunService, browser: Browser) -> None:
    stack = await run_service("blacklist", "gateway", start=at(9, 10))
    await feed_running(stack, "blacklist", follow, story(Year(policy=policy("zhengzhou-2022"))).streams.received)
    async with (
        visitor(stack, "blacklist", "province", unit="410000", name="li") as li,
        visitor(stack, "blacklist", "province", unit="410000", name="wang") as wang,
    ):
        await banned(stack, li, wang)
    await step(stack, datetime.fromisoformat("2021-10-05T09:00:00+08:00"))
    await the_person_appeals_without_scripts(stack, browser)
    for size in ("desk", "phone"):
        await every_page_fits(stack, browser, size)
    await the_appeal_is_turned_down(stack, browser)


async def the_person_appeals_without_scripts(stack: Stack, browser: Browser) -> None:
    async with opened(browser, stack.gateway, "phone", scripts=False) as page:
        await enter(page, stack, "teacher", person="person-a0")
        await page.goto(f"{stack.gateway}/blacklist/me")
        assert await sideways(page) == 0
        await page.get_by_label("我的申诉").fill("通知寄到了旧地址")
        await page.get_by_role("button", name="提交申诉").click()
        assert await page.locator(".note-ok h2").inner_text() == "已收到您的申诉。"
        assert await sideways(page) == 0


async def every_page_fits(stack: Stack, browser: Browser, size: str) -> None:
    async with opened(browser, stack.gateway, size) as page:
        await enter(page, stack, "province", unit="410000")
        for path in ("/blacklist/", CASE, f"{CASE}/exception", "/blacklist/people/person-a0"):
            for lang in ("en", "zh"):
                await page.goto(f"{stack.gateway}{path}?lang={lang}")
                assert await page.locator("h1").count() == 1
                assert await sideways(page) == 0, path
                if (size, lang) == ("phone", "zh"):
                    assert await small_targets(page) == [], path


async def the_appeal_is_turned_down(stack: Stack, browser: Browser) -> None:
    async with opened(browser, stack.gateway, "desk") as page:
        await enter(page, stack, "province", unit="410000")
        await page.goto(f"{stack.gateway}{CASE}")
        assert await page.locator("input[name=decision]:checked").count() == 0
        await page.get_by_label("维持").check()
        await page.get_by_label("理由").fill("送达有回执")
        await page.get_by_role("button", name="下一步：核对").click()
        await page.get_by_label("我已看过各项证据和本人申辩").check()
        await page.get_by_role("button", name="确认维持").click()
        assert "已维持" in await page.locator(".note-ok h2").inner_text()
