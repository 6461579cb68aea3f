"""The league table in a real browser, wide and narrow, without script, and with nothing fetched from elsewhere."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Browser, Page

from deploy.local.stack import Stack
from services.reporting.facts.service import project
from shared.auth import COOKIE
from shared.db import Database
from tests.integration.reporting.test_league_table import story
from tests.support.stack import RunService
from tests.support.streams import feed
from tests.support.visitor import token

PATH = "/reporting/league/henan-2021/rural?level=city&formula=checkin"


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    stack = await run_service("reporting", "gateway")
    dsns = stack.dsns["reporting"]
    async with Database(dsns.writer, dsns.reader) as db:
        await feed(db, project, [story().streams.received])
    yield stack


async def opened(browser: Browser, stack: Stack, width: int, *, script: bool) -> tuple[Page, list[str]]:
    """A page of a signed-in city, and what went wrong on it."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
    host = str(urlsplit(stack.gateway).hostname)
    await context.add_cookies(
        [{"name": COOKIE, "value": token(stack, "city", unit="410100"), "domain": host, "path": "/"}]
    )
    page, wrong = await context.new_page(), list[str]()
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: wrong.append(r.url) if urlsplit(r.url).hostname != host else None)
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    return page, wrong


async def test_the_league_table_is_readable_at_both_widths_and_without_script(browser: Browser, running: Stack) -> None:
    for width, script in ((1366, True), (390, True), (1366, False)):
        page, wrong = await opened(browser, running, width, script=script)
        await page.goto(f"{running.gateway}{PATH}")
        assert "90.00%" in await page.inner_text("main")
        assert await page.locator("tr.is-mine th").inner_text() == "单位410100"
        assert await page.locator("h1").inner_text() == "排名：报到率"
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert not script or await page.evaluate(overflow) <= 0
        assert wrong == []
        await page.context.close()


async def test_filters_and_the_rows_behind_a_figure_are_links_and_forms(browser: Browser, running: Stack) -> None:
    page, wrong = await opened(browser, running, 1366, script=False)
    await page.goto(f"{running.gateway}{PATH}")
    await page.select_option("#level", "county")
    await page.select_option("#formula", "registration-completion")
    await page.click(".filters button")
    assert urlsplit(page.url).query == "level=county&formula=registration-completion"
    await page.click('a[href*="places?unit=410183"]')
    assert "20" in await page.inner_text(".lead")
    assert wrong == []
    await page.context.close()
