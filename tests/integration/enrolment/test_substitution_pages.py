"""A school asks for a substitute and the county approves, through pages alone."""

import re

import pytest

from shared.db import Database
from tests.integration.enrolment.classroom import Classroom
from tests.integration.enrolment.ground import at, lay
from tests.integration.enrolment.test_classes_pages import plain
from tests.support.stack import RunService
from tests.support.visitor import HTML, Visitor, visitor


def key_of(page: str) -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.rule("L13")
async def test_a_school_asks_and_the_county_approves(run_service: RunService) -> None:
    stack = await run_service("enrolment", start=at(8, 20))
    dsns = stack.dsns["enrolment"]
    async with Database(dsns.writer, dsns.reader) as db:
        room = Classroom(await lay(db))
        await room.schedule()
        await room.fill(2)
        await room.staff()
        await room.open()
        (other,) = await room.ground.people(1, first=60)
        path = f"places/{room.places[0]}/substitution/page"
        async with (
            visitor(stack, "enrolment", "school", unit="410183-s001") as school,
            visitor(stack, "enrolment", "county", unit="410183") as county,
            visitor(stack, "enrolment", "county", unit="410182") as stranger,
        ):
            listed = await school.get(f"classes/{room.class_id}/page", headers=HTML)
            assert listed.text.count(f"/enrolment/{path}") == 1
            await asks(school, path, other)
            assert (await stranger.get(path, headers=HTML)).status_code == 404
            await approves(county, path)
            after = plain((await school.get(path, headers=HTML)).text)
            assert "测试60接替测试0" in after
            assert "已由他人接替" in plain((await school.get(f"classes/{room.class_id}/page", headers=HTML)).text)


async def asks(school: Visitor, path: str, other: str) -> None:
    page = await school.get(path, headers=HTML)
    assert "8月27日 18:00" in plain(page.text)
    form = {"substitute": other, "reason": "家中有事（合成）", "idempotency_key": key_of(page.text)}
    empty = await school.post(path, data=form | {"reason": " "}, headers=HTML)
    assert (empty.status_code, "替换要写明原因" in plain(empty.text)) == (422, True)
    done = await school.post(path, data=form | {"idempotency_key": key_of(empty.text)}, headers=HTML)
    shown = await school.get(done.headers["location"].removeprefix("/enrolment/"), headers=HTML)
    assert ("已送上级审批" in plain(shown.text), 'name="approve"' in shown.text) == (True, False)


async def approves(county: Visitor, path: str) -> None:
    waiting = await county.get("substitutions", headers=HTML)
    assert ("1件等上级审批" in plain(waiting.text), "测试0 → 测试60" in plain(waiting.text)) == (True, True)
    page = await county.get(path, headers=HTML)
    assert ("家中有事" in plain(page.text), "checked" in page.text) == (True, False)
    form = {"approve": "yes", "idempotency_key": key_of(page.text)}
    done = await county.post(f"{path}/decision", data=form, headers=HTML)
    assert done.headers["location"].endswith("done=approved")
