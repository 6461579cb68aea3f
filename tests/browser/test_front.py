"""The front page in a real browser, wide and on a phone, with the whole system and with the gateway alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from deploy.demo import accounts
from deploy.gateway.app import create_app
from deploy.local import assets
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from tests.integration.gateway.origin import served, settings_for

SIZES = {"desk": (1366, 860), "phone": (390, 800)}
SERVICES = 4


@pytest_asyncio.fixture
async def alone(tmp_path: Path) -> AsyncIterator[str]:
    """The origin of a gateway whose services are all down."""
    accounts.write(tmp_path / "accounts.json", [{"name": "教师", "person_id": "p"}])
    settings = settings_for(tmp_path, f"http://127.0.0.1:{free_port()}", assets=assets.provide())
    async with served((create_app(settings), settings.port)):
        yield f"http://127.0.0.1:{settings.port}"


@asynccontextmanager
async def opened(browser: Browser, size: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    """A page that fails the test when it asks another machine or writes an error to the console."""
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts)
    page = await context.new_page()
    asked: set[str | None] = set()
    said: list[str] = []
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    await context.close()
    assert asked <= {"127.0.0.1"}
    assert said == []


async def sideways(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def small_targets(page: Page) -> list[str]:
    """Buttons and fields below 40 px on a phone."""
    return list(
        await page.evaluate("""[...document.querySelectorAll('button, .btn, .form-control, .form-check-label, select, summary')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 38).map(e => e.outerHTML.slice(0, 80))""")
    )


@pytest.mark.parametrize("size", SIZES)
async def test_the_gateway_alone_says_what_it_can_not_read(alone: str, browser: Browser, size: str) -> None:
    async with opened(browser, size) as page:
        for lang in ("zh", "en"):
            await page.goto(f"{alone}/?lang={lang}")
            assert await sideways(page) <= 0
            assert await page.locator(".tag-late").count() == SERVICES
        await page.goto(f"{alone}/?lang=zh")
        assert await page.locator("h1").inner_text() == "名额到校，通知到人，排名有据"
        assert await page.locator(".note-due h2").inner_text() == "暂时读不到年度进度"
        font = await page.locator("h1").evaluate("e => getComputedStyle(e).fontSize")
        assert font == {"desk": "30px", "phone": "23px"}[size]


async def test_everything_works_without_scripts(alone: str, browser: Browser) -> None:
    async with opened(browser, "phone", scripts=False) as page:
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
    async with opened(browser, size) as page:
        for lang in ("zh", "en"):
            await page.goto(f"{alone}/_components?lang={lang}")
            assert await sideways(page) <= 0
            assert await page.evaluate("document.activeElement.id") == "errors"
        if size == "phone":
            assert await small_targets(page) == []
        await page.set_viewport_size(
            {"width": {"desk": 683, "phone": 320}[size], "height": 600}
        )  # zoomed; a small phone
        assert await sideways(page) <= 0


async def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(alone: str, browser: Browser) -> None:
    async with opened(browser, "desk") as page:
        await page.goto(alone)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineColor") == "rgb(255, 180, 0)"
        await page.keyboard.press("Enter")
        assert page.url.endswith("#main")


@pytest.mark.parametrize("size", SIZES)
async def test_the_whole_system_stands_behind_it(stack: Stack, browser: Browser, size: str) -> None:
    async with opened(browser, size) as page:
        await page.goto(stack.gateway)
        assert await sideways(page) <= 0
        assert await page.locator(".tag-ok").count() == SERVICES
        assert await page.locator(".note h2").inner_text() == "还没有发布年度计划"
        assert "2021年7月16日 周五" in await page.locator(".demo-strip").inner_text()
        await page.get_by_role("button", name="前进1天").click()
        await page.wait_for_url(f"{stack.gateway}/", timeout=90_000)
        assert "2021年7月17日 周六 08:00" in await page.locator(".demo-strip").inner_text()


async def test_each_entry_of_each_role_leads_somewhere(stack: Stack, browser: Browser) -> None:
    async with opened(browser, "desk", scripts=False) as page:
        for officer in accounts.OFFICERS:
            await page.goto(stack.gateway)
            await page.get_by_role("button", name=officer["name"]["zh"]).click()
            await page.goto(stack.gateway)
            links = await page.locator(".nav-bar .wide a").all()
            assert len(links) > 1, officer["account"]
            for address in [await link.get_attribute("href") for link in links]:
                answer = await page.goto(f"{stack.gateway}{address}")
                assert answer is not None
                assert answer.status == 200, f"{officer['account']}: {address}"
                assert await page.locator("h1").count() == 1, address
                assert await sideways(page) <= 0, address
