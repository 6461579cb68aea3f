"""Each mail in a real browser, as wide as a phone: nothing of it stands outside the window."""

import email
from email.policy import default

from playwright.async_api import Browser

from services.notify.email.service import Composer, Post
from services.notify.wording.service import Letter
from tests.support.pages import SIZES, sideways
from tests.unit.notify.given import at
from tests.unit.notify.test_wording import TEMPLATES, TEXTS, WRITER, scene

COMPOSER = Composer(TEXTS, "notice@example.invalid")


def html_of(letter: Letter) -> str:
    post = Post("a1", "m1", "someone@example.invalid", letter, at(8, 19))
    body = email.message_from_bytes(COMPOSER.mail(post, COMPOSER.text(letter)), policy=default).get_body(("html",))
    return str(body.get_content()) if body else ""


async def test_no_mail_is_wider_than_a_phone(browser: Browser) -> None:
    width, height = SIZES["phone"]
    too_wide = {}
    async with await browser.new_page(viewport={"width": width, "height": height}) as page:
        for template in TEMPLATES:
            if template.endswith("-staff"):  # by SMS alone
                continue
            await page.set_content(html_of(WRITER.letter(scene(template))))
            assert await page.locator("th").count() or template.startswith("after"), template
            too_wide[template] = await sideways(page)
    assert {name: n for name, n in too_wide.items() if n} == {}
