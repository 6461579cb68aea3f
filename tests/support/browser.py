"""A real browser that draws Chinese with the same font everywhere."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from deploy.local import browser as local


@pytest.fixture(scope="session")
def browser_program() -> local.Browser:
    return local.provide()


@pytest_asyncio.fixture(scope="session")
async def browser(browser_program: local.Browser) -> AsyncIterator[Browser]:
    """Playwright's asynchronous Chromium; each test opens windows of its own, which share nothing."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLAYWRIGHT_NODEJS_PATH", browser_program.driver)
        async with async_playwright() as playwright:
            launched = await playwright.chromium.launch(
                executable_path=browser_program.executable,
                args=list(browser_program.arguments),
                env={**os.environ, **browser_program.environment},
            )
            yield launched
            await launched.close()
