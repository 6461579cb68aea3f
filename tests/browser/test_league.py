"""The league table in a real browser, wide and narrow, without script, and with nothing fetched from elsewhere."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Browser

from deploy.local.stack import Stack
from services.reporting.facts.service import project
from tests.integration.reporting.test_league_table import story
from tests.support.pages import sideways, watched
from tests.support.stack import RunService
from tests.support.streams import feed_running

PATH = "/reporting/league/henan-2021/rural?level=city&formula=checkin"


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    stack = await run_service("reporting", "gateway")
    await feed_running(stack, "reporting", project, story().streams.received)
    yield stack


async def test_the_league_table_is_readable_at_both_widths_and_without_script(browser: Browser, running: Stack) -> None:
    for size, scripts in (("desk", True), ("phone", True), ("desk", False)):
        async with watched(browser, running.gateway, "city", size, scripts=scripts) as watch:
            page = watch.page
            await page.goto(f"{running.gateway}{PATH}")
            assert "90.00%" in await page.inner_text("main")
            assert await page.locator("tr.is-mine th").inner_text() == "单位410100"
            assert await page.locator("h1").inner_text() == "排名：报到率"
            assert [await sideways(page), *watch.wrong] == [0]


async def test_filters_and_the_rows_behind_a_figure_are_links_and_forms(browser: Browser, running: Stack) -> None:
    async with watched(browser, running.gateway, "city", "desk", scripts=False) as watch:
        page = watch.page
        await page.goto(f"{running.gateway}{PATH}")
        await page.select_option("#level", "county")
        await page.select_option("#formula", "registration-completion")
        await page.click(".filters button")
        assert urlsplit(page.url).query == "level=county&formula=registration-completion"
        await page.click('a[href*="places?unit=410183"]')
        assert "20" in await page.inner_text(".lead")
        assert watch.wrong == []
