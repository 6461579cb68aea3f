from playwright.async_api import Browser

PAGE = "<h1>师资培训</h1><button onclick=\"document.querySelector('h1').textContent='报到'\">x</button>"


async def test_the_browser_clicks_and_draws_chinese(browser: Browser) -> None:
    async with await browser.new_page(viewport={"width": 390, "height": 300}) as page:
        await page.set_content(PAGE)
        before = await page.locator("h1").screenshot()
        await page.click("button")
        assert await page.inner_text("h1") == "报到"
        await page.evaluate("document.querySelector('h1').textContent = '\\ue000\\ue000\\ue000\\ue000'")
        assert await page.locator("h1").screenshot() != before  # four unknown characters would be four equal boxes
        await page.evaluate("document.querySelector('h1').textContent = '师资培训'")
        assert await page.locator("h1").screenshot() == before
