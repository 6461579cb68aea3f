"""A demonstration's date: one walk at a time, followed on a page or as a job."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from tests.integration.gateway.conftest import Origin

PAGE = {"accept": "text/html"}


async def walked(origin: Origin, **form: str) -> httpx.Response:
    """The answer to a walk that is over; on a slow machine it ends after the first answer."""
    answer = await origin.http.post("/_step", data=form, headers=PAGE)
    await walk_over(origin)
    there = answer.headers["location"]
    return await origin.http.get(there, headers=PAGE) if there.startswith("/_step") else answer


async def test_a_day_on_ends_where_it_was_asked(origin: Origin) -> None:
    before = origin.service.now
    answer = await walked(origin, to="day", back="/notify/ledger?class=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notify/ledger?class=1")
    assert origin.service.now == before + timedelta(days=1)


async def test_to_the_next_thing_stops_at_it(origin: Origin) -> None:
    due = origin.service.due
    await walked(origin, to="next")
    assert origin.service.now == due


async def test_nothing_due_is_said(origin: Origin) -> None:
    origin.service.due = None
    page = await walked(origin, to="next", back="/help")
    assert "后面没有到期的事了" in page.text
    assert 'href="/help"' in page.text


async def test_a_long_walk_is_a_job_that_a_second_request_joins(origin: Origin) -> None:
    origin.service.hold.clear()
    first, second = await asyncio.gather(*[origin.http.post("/_step", data={"to": "day"}) for _ in range(2)])
    assert {first.status_code, second.status_code} == {202}
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["follow"]) == ("running", "/_step")
    page = await origin.http.get("/_step?back=/help", headers=PAGE)
    assert '<meta http-equiv="refresh"' in page.text
    before = origin.service.now
    origin.service.hold.set()
    await asyncio.wait_for(walk_over(origin), 20)
    assert origin.service.now == before + timedelta(days=1)
    assert (await origin.http.get("/_step?back=/help", headers=PAGE)).headers["location"] == "/help"


async def walk_over(origin: Origin) -> None:
    while (await origin.http.get("/_step")).json()["state"] == "running":
        continue  # each question is a round trip


async def test_a_walk_that_fails_says_so_and_can_be_tried_again(origin: Origin) -> None:
    origin.settings.routes["notify"] = origin.settings.routes["down"]
    assert "没有推进成功" in (await walked(origin, to="day")).text
    origin.settings.routes["notify"] = origin.settings.routes["enrolment"]
    assert (await origin.http.post("/_step", data={"to": "day"})).json()["state"] == "done"


@pytest.mark.parametrize("to", ["week", ""])
async def test_another_step_is_refused(origin: Origin, to: str) -> None:
    answer = await origin.http.post("/_step", data={"to": to})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-body")
