"""The ledger, the doubts and the demo inbox in a real browser, wide and on a phone, with and without scripts."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.integration.notify.story import Running, told
from tests.support.pages import opened, sideways, small_targets
from tests.support.stack import RunService


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Running]:
    async with told(run_service, "gateway") as story:
        yield story


async def enter(page: Page, gateway: str, path: str) -> None:
    await page.goto(f"{gateway}/login?next={path}")
    await page.get_by_role("button", name="县级管理员（新密市）").click()
    await page.wait_for_url(f"{gateway}{path}")


async def test_the_ledger_and_the_inbox(running: Running, browser: Browser) -> None:
    await the_ledger_answers_what_went_to_whom_when_and_why(running, browser)
    await a_doubt_is_settled_on_a_phone_without_scripts(running, browser)
    await each_message_is_shown_as_its_receiver_reads_it(running, browser)


async def the_ledger_answers_what_went_to_whom_when_and_why(running: Running, browser: Browser) -> None:
    gateway = running.stack.gateway
    for size in ("desk", "phone"):
        async with opened(browser, gateway, size) as page:
            await enter(page, gateway, "/notify/ledger")
            await page.get_by_role("link", name="乡村骨干07班").click()
            assert await page.locator("h1").inner_text() == "提醒台账：乡村骨干07班"
            assert await sideways(page) == 0
            row = page.locator("tr", has_text="改期或取消").first
            assert "8月26日" in await row.inner_text()
            assert await row.locator("s", has_text="8月23日").count() == 1
            assert await page.locator("tr", has_text="日期改了，没有发出").count() >= 1
            await page.locator("#worries a", has_text="陈测试2").first.click()
            assert "一个人的全部提醒：陈测试2" in await page.locator("#own h2").inner_text()
            if size == "phone":
                assert await small_targets(page) == []


async def a_doubt_is_settled_on_a_phone_without_scripts(running: Running, browser: Browser) -> None:
    gateway = running.stack.gateway
    async with opened(browser, gateway, "phone", scripts=False) as page:
        await enter(page, gateway, "/notify/doubts")
        assert await sideways(page) == 0
        await page.get_by_role("button", name="已发出").click()
        assert await page.locator(".note-ok h2").inner_text() == "已记为发出"
        assert "没有存疑" in await page.locator("main").inner_text()


async def each_message_is_shown_as_its_receiver_reads_it(running: Running, browser: Browser) -> None:
    gateway = running.stack.gateway
    async with opened(browser, gateway, "desk") as page:
        await enter(page, gateway, "/sink/?channel=email")
        await page.get_by_role("link", name="【改期】报到改到8月26日：乡村骨干07班", exact=True).first.click()
        frame = page.frame_locator("iframe")
        assert "改为" in await frame.locator("body").inner_text()
        assert "BEGIN:VCALENDAR" in await page.locator("main").inner_text()
    async with opened(browser, gateway, "phone") as page:
        await enter(page, gateway, "/sink/?channel=sms")
        await page.locator("tbody a").first.click()
        assert "【河南省教师培训】" in await page.locator(".sms-bubble").inner_text()
        assert await sideways(page) == 0
