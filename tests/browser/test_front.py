"""The front page in a real browser, wide and on a phone, with the whole system and with the gateway alone."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from deploy.demo import accounts
from deploy.gateway.app import create_app
from deploy.local import assets
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from tests.integration.gateway.origin import served, settings_for
from tests.support.pages import SIZES, opened, sideways, small_targets

SERVICES = 4
HEADING = re.compile("<h1[ >]")


@pytest_asyncio.fixture
async def alone(tmp_path: Path) -> AsyncIterator[str]:
    """The origin of a gateway whose services are all down."""
    accounts.write(tmp_path / "accounts.json", [{"name": "教师", "person_id": "p"}])
    settings = settings_for(tmp_path, f"http://127.0.0.1:{free_port()}", assets=assets.provide())
    async with served((create_app(settings), settings.port)):
        yield f"http://127.0.0.1:{settings.port}"


@pytest.mark.parametrize("size", SIZES)
async def test_the_gateway_alone_says_what_it_can_not_read(alone: str, browser: Browser, size: str) -> None:
    async with opened(browser, alone, size) as page:
        for lang in ("zh", "en"):
            await page.goto(f"{alone}/?lang={lang}")
            assert await sideways(page) == 0
            assert await page.locator(".tag-late").count() == SERVICES
        await page.goto(f"{alone}/?lang=zh")
        assert await page.locator("h1").inner_text() == "名额到校，通知到人，排名有据"
        assert await page.locator(".note-due h2").inner_text() == "暂时读不到年度进度"
        font = await page.locator("h1").evaluate("e => getComputedStyle(e).fontSize")
        assert font == {"desk": "30px", "phone": "23px"}[size]


async def test_everything_works_without_scripts(alone: str, browser: Browser) -> None:
    async with opened(browser, alone, "phone", scripts=False) as page:
        await page.goto(f"{alone}/login?next=/help")
        await page.get_by_role("button", name="县级管理员（新密市）").click()
        assert page.url == f"{alone}/help"
        assert await page.locator(".who b").inner_text() == "县级管理员（新密市）"
        await page.locator(".menu summary").click()
        assert await page.locator(".menu a").first.is_visible()
        await page.get_by_role("link", name="English").click()
        assert await page.locator("html").get_attribute("lang") == "en"
        await page.get_by_role("button", name="Sign out").click()
        assert page.url == f"{alone}/"
        assert await page.locator(".who").count() == 0


@pytest.mark.parametrize("size", SIZES)
async def test_every_component_fits(alone: str, browser: Browser, size: str) -> None:
    async with opened(browser, alone, size) as page:
        for lang in ("zh", "en"):
            await page.goto(f"{alone}/_components?lang={lang}")
            assert await sideways(page) == 0
            assert await page.evaluate("document.activeElement.id") == "errors"
        if size == "phone":
            assert await small_targets(page) == []
        await page.set_viewport_size(
            {"width": {"desk": 683, "phone": 320}[size], "height": 600}
        )  # zoomed; a small phone
        assert await sideways(page) == 0


async def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(alone: str, browser: Browser) -> None:
    async with opened(browser, alone, "desk") as page:
        await page.goto(alone)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineColor") == "rgb(255, 180, 0)"
        await page.keyboard.press("Enter")
        assert page.url.endswith("#main")


async def test_the_whole_system_stands_behind_it(stack: Stack, browser: Browser) -> None:
    """Wide and on a phone, each goes a day forward."""
    days = {"desk": ("16日 周五", "17日 周六"), "phone": ("17日 周六", "18日 周日")}
    for size, (today, tomorrow) in days.items():
        async with opened(browser, stack.gateway, size) as page:
            await page.goto(stack.gateway)
            assert await sideways(page) == 0
            assert await page.locator(".tag-ok").count() == SERVICES
            assert await page.locator(".note h2").inner_text() == "还没有发布年度计划"
            assert f"2021年7月{today}" in await page.locator(".demo-strip").inner_text()
            await page.get_by_role("button", name="前进1天").click()
            await page.wait_for_url(f"{stack.gateway}/", timeout=90_000)
            assert f"2021年7月{tomorrow} 08:00" in await page.locator(".demo-strip").inner_text()


async def test_each_entry_of_each_role_leads_somewhere(stack: Stack, browser: Browser) -> None:
    """Whoever follows it gets a page; how wide a page is, is measured for the first who sees it."""
    measured = set()
    async with opened(browser, stack.gateway, "desk", scripts=False) as page:
        for account in [officer["account"] for officer in accounts.OFFICERS]:
            await page.request.post(f"{stack.gateway}/login", form={"account": account})
            await page.goto(stack.gateway)
            links = await page.locator(".nav-bar .wide a").all()
            assert len(links) > 1, account
            for address in [f"{stack.gateway}{await link.get_attribute('href')}" for link in links]:
                answer = await page.request.get(address)
                assert answer.status == 200, f"{account}: {address}"
                assert len(HEADING.findall(await answer.text())) == 1, address
                if address not in measured:
                    await page.goto(address)
                    assert await sideways(page) == 0, address
                    measured.add(address)
