"""The dashboard in a running service: figures in the reader's scope, what is late, and a page that moves by itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from deploy.local.stack import Stack
from services.reporting.facts.service import project
from shared.events import enrolment as e
from tests.integration.reporting.ground import BY_RATES, SCHOOL, with_institutions, year_of
from tests.integration.reporting.test_league_table import DIRECT
from tests.support.pages import sideways, watched
from tests.support.stack import RunService
from tests.support.streams import feed_running
from tests.support.visitor import HTML, visitor
from tests.support.year import Year, at

PATIENCE = 30_000


def told() -> Year:
    """20 and 12 people in two classes; one more selected elsewhere; one notice came in time."""
    year = year_of(with_institutions(*BY_RATES), {"inst-001": (20, 18, 17), "inst-002": (12, 11, 11)})
    year.select("elsewhere", DIRECT)
    year.hand_in("checkin-notice", "class-inst-001", at(8, 5), "inst-001")
    return year


async def tell(stack: Stack, year: Year) -> None:
    await feed_running(stack, "reporting", project, year.streams.received)


async def standing(run_service: RunService, *names: str) -> Stack:
    """The services on 16 August: the notices of both classes are due today, the applications since 30 July."""
    stack = await run_service(*names, start=at(8, 16))
    await tell(stack, told())
    return stack


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    yield await standing(run_service, "reporting")


async def seen(stack: Stack, role: str, unit: str) -> dict[str, Any]:
    async with visitor(stack, "reporting", role, unit=unit) as who:
        body: dict[str, Any] = (await who.get("dashboard.json")).raise_for_status().json()
    return body


async def test_everyone_sees_the_figures_of_their_own_scope(running: Stack) -> None:
    wanted = {
        ("province", "410000"): (60, 33, 32, 29, 2), ("city", "410100"): (60, 33, 32, 29, 2),
        ("county", "410183"): (60, 32, 32, 29, 2), ("city", "410200"): (None, 0, 0, 0, 0),
        ("institution", "inst-002"): (None, 12, 12, 11, 1), ("inspector", "410100"): (60, 33, 32, 29, 2),
    }  # fmt: skip
    for (role, unit), figures in wanted.items():
        body = await seen(running, role, unit)
        counts: dict[str, int | None] = body["counts"]
        found = [counts[name] for name in ("quota", "selected", "expected", "checked_in")]
        assert (*found, len(body["classes"])) == figures, (role, unit)
        assert "person" not in str(body)
    async with visitor(running, "reporting", "teacher", person="person-inst-001-1") as teacher:
        assert (await teacher.get("dashboard.json")).status_code == 403


@pytest.mark.rule("D12", "D01", "D04")
async def test_what_is_late_and_what_is_due_today(running: Stack) -> None:
    body = await seen(running, "province", "410000")
    late = [(d["institution_id"], d["document"], d["days"]) for d in body["late"]]
    assert late == [("u-inst-001", "application", 17), ("u-inst-002", "application", 17),
                    ("u-inst-002", "checkin-notice", 0)]  # fmt: skip
    county = await seen(running, "county", "410183")
    assert [d["document"] for d in county["late"]] == ["checkin-notice"], "for its people's classes alone"
    own = await seen(running, "institution", "inst-001")
    assert [d["document"] for d in own["late"]] == ["application"]


async def test_a_deadline_of_the_year_that_ends_today_is_told(run_service: RunService) -> None:
    stack = await run_service("reporting", start=at(7, 30))
    assert (await first_page(stack)).count("还没有年度计划") == 1
    await tell(stack, told())
    body = await seen(stack, "city", "410100")
    assert [x["act"] for x in body["ending"]] == ["hand_in", "select"]
    assert "遴选截止" in await first_page(stack)


async def first_page(stack: Stack) -> str:
    async with visitor(stack, "reporting", "city", unit="410100") as who:
        return (await who.get("dashboard", headers=HTML)).raise_for_status().text


async def test_the_page_moves_by_itself_and_asks_no_other_machine(run_service: RunService, browser: Browser) -> None:
    stack = await standing(run_service, "reporting", "gateway")
    for size, scripts in (("desk", True), ("phone", True), ("desk", False)):
        async with watched(browser, stack.gateway, "province", size, scripts=scripts) as watch:
            await watch.page.goto(f"{stack.gateway}/reporting/dashboard")
            selected = watch.page.locator("[data-figure=selected]")
            before = int((await selected.inner_text()).split("/")[0])
            await tell(stack, one_more(f"late-{size}-{scripts}"))
            if not scripts:
                assert await watch.page.locator("[data-live-off]").is_visible()
                await watch.page.get_by_role("link", name="刷新").click()
            await expect(selected).to_contain_text(str(before + 1), timeout=PATIENCE)
            assert not scripts or await watch.page.locator("[data-live-on]").is_visible()
            assert await sideways(watch.page) == 0
            assert watch.wrong == []


def one_more(name: str) -> Year:
    """One event: somebody is selected."""
    year = Year(policy=with_institutions(*BY_RATES))
    year.select(name, SCHOOL)
    assert isinstance(year.streams.received[0].event, e.TraineeSelected)
    return year
