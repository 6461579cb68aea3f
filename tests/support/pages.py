"""A system in the middle of check-in, and browsers that note everything a page does wrong."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request

from deploy.demo import rural
from deploy.demo.stage import EXCUSED, NO_SHOW, Stage, at
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack, accounts
from shared.client import client
from tests.support.played import new_stage, own_stack
from tests.support.stack import stepper

SIZES = {"desk": (1366, 860), "phone": (390, 800)}
HERE = (0, 1, 2, 4)
LEFT = "net::ERR_ABORTED"  # the page was left before the file came: nothing is wrong with either
BEFORE_CHECK_IN = (
    rural.publish,
    rural.pass_quota_down,
    rural.import_roster,
    rural.register,
    rural.open_class,
    rural.move_class,
)


@dataclass(frozen=True)
class Standing:
    """What the pages are about: addresses and ids, plain values for any loop."""

    gateway: str
    class_id: str
    job_id: str
    places: Sequence[dict[str, Any]]
    codes: Sequence[dict[str, Any]]
    messages: Sequence[dict[str, Any]]


@asynccontextmanager
async def standing_in_check_in(servers: Servers, folder: Path) -> AsyncIterator[Standing]:
    """The story up to the first morning of check-in: some are here, most are still to come."""
    async with own_stack(servers, folder) as stack, client(60) as http:
        stage = new_stage(demo_place(stack), http)
        for chapter in BEFORE_CHECK_IN:
            await chapter(stage)
        await stage.stepper.to(at(8, 26, 10))
        codes = [await code_of(stage, i) for i in range(len(stage.places))]
        institution = await stage.as_("institution")
        for i in HERE:
            await institution.post(f"/enrolment/classes/{stage.class_id}/checkins", {"code": codes[i]["token"]})
        await stage.stepper.settle()
        received = (await http.get(f"{stack.sink}/sink/messages.json")).json()["messages"]
        job_id = stage.found["import"]["job_id"]
        yield Standing(stack.gateway, stage.class_id, job_id, stage.places, codes, received)


async def code_of(stage: Stage, index: int) -> dict[str, Any]:
    """The check-in code of the i-th teacher, as shown to that teacher."""
    code: dict[str, Any] = await (await stage.teacher(index)).get(
        f"/enrolment/places/{stage.places[index]['place_id']}/checkin-code"
    )
    return code


async def before_selection(stack: Stack, policy: str | None = None) -> None:
    """Enrolment alone, on the day of selection: quota is with the school, no roster has come.

    ``policy`` is another text of the year.
    """
    async with client(60) as http:
        stage = Stage(http, stack.gateway, stepper(http, stack, "enrolment"), accounts(stack.folder))
        await rural.publish(stage, policy)
        await rural.pass_quota_down(stage)
        await stage.stepper.to(at(7, 20))


def still_to_come(standing: Standing) -> list[int]:
    """Indexes of teachers whom nobody has checked in yet and who may still come."""
    return [i for i in range(len(standing.places)) if i not in {*HERE, NO_SHOW, EXCUSED}]


@dataclass
class Watch:
    """A page, and what went wrong on it: requests to elsewhere, words on the console, failed files."""

    page: Page
    gateway: str
    wrong: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.gateway).netloc:
            self.wrong.append(f"asked another machine: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        refused_form = "status of 4" in message.text and message.location["url"] == self.page.url
        if not refused_form:
            self.wrong.append(message.text)

    async def faults(self, path: str, lang: str = "zh") -> list[str]:
        """Open a page; everything that is wrong with it, at both widths."""
        self.wrong.clear()
        answer = await self.page.goto(f"{self.gateway}{path}{'&' if '?' in path else '?'}lang={lang}")
        status = answer.status if answer else None
        found = {
            "status": (status, 200),
            "language": (await self.page.locator("html").get_attribute("lang"), {"zh": "zh-CN", "en": "en"}[lang]),
            "h1": (await self.page.locator("h1").count(), 1),
            **{f"pixels too wide at {size}": (await self._sideways_at(size), 0) for size in SIZES},
        }
        return [*self.wrong, *(f"{name}: {is_}" for name, (is_, wanted) in found.items() if is_ != wanted)]

    async def _sideways_at(self, size: str) -> int:
        width, height = SIZES[size]
        await self.page.set_viewport_size({"width": width, "height": height})
        return await sideways(self.page)


async def sideways(page: Page) -> int:
    """How many pixels the document is wider than its window, once its style sheets are there."""
    await page.wait_for_load_state()
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(int(wide), 0)


@asynccontextmanager
async def watched(
    browser: Browser, gateway: str, account: str | None, size: str, *, scripts: bool = True
) -> AsyncIterator[Watch]:
    """A browser window of somebody who has signed in through the form's own address; None stays a stranger."""
    width, height = SIZES[size]
    window = await browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts)
    async with window:
        if account is not None:
            answer = await window.request.post(f"{gateway}/login", form={"account": account})
            assert answer.ok, f"{account}: {answer.status}"
        watch = Watch(await window.new_page(), gateway)
        watch.begin()
        yield watch


@asynccontextmanager
async def opened(browser: Browser, gateway: str, size: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    """A stranger's page; the test fails when anything went wrong on it."""
    async with watched(browser, gateway, None, size, scripts=scripts) as watch:
        yield watch.page
        assert watch.wrong == []


async def small_targets(page: Page) -> list[str]:
    """Buttons and fields below 40 px on a phone."""
    return list(
        await page.evaluate("""[...document.querySelectorAll('button, .btn, .form-control, .form-check-label, select, summary')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 38).map(e => e.outerHTML.slice(0, 80))""")
    )
