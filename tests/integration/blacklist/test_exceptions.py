"""An exception to a ban in principle, through its page and over HTTP; a ban without exception says so."""

import pytest

from deploy.local.stack import Stack
from tests.integration.blacklist.ground import NO_SHOW, follow, story
from tests.integration.blacklist.test_appeals import banned
from tests.integration.blacklist.test_http import key_of, said
from tests.support.stack import RunService
from tests.support.streams import feed_running
from tests.support.visitor import HTML, visitor
from tests.support.year import Year, at, policy

PAGE = f"cases/{NO_SHOW}/exception"


@pytest.mark.rule("L07")
async def test_a_year_is_excepted_with_reason_and_evidence(run_service: RunService) -> None:
    stack = await run_service("blacklist", start=at(9, 10))
    await feed_running(stack, "blacklist", follow, story(Year(policy=policy("zhengzhou-2022"))).streams.received)
    async with (
        visitor(stack, "blacklist", "province", unit="410000", name="li") as li,
        visitor(stack, "blacklist", "province", unit="410000", name="wang") as wang,
        visitor(stack, "blacklist", "city", unit="410100") as city,
    ):
        await banned(stack, li, wang)
        assert f"/blacklist/{PAGE}" in (await li.get(f"cases/{NO_SHOW}", headers=HTML)).text
        page = await li.get(PAGE, headers=HTML)
        assert ("原则上三年内" in said(page), "checked" in page.text) == (True, False)
        form = {"programme": "zhengzhou-2022", "words": "唯一的专任教师", "idempotency_key": key_of(page.text)}
        bare = await li.post(PAGE, data=form, headers=HTML)
        assert (bare.status_code, "缺“单位证明”" in said(bare)) == (409, True)
        unknown = await li.write(
            f"entries/{NO_SHOW}/overrides",
            {"programme": "none", "reason": "说明", "evidence": ["unit_statement"]},
        )
        assert (unknown.status_code, unknown.json()["code"]) == (404, "programme-unknown")
        full = form | {"evidence": "unit_statement", "idempotency_key": key_of(bare.text)}
        done = [await li.post(PAGE, data=full, headers=HTML) for _ in range(2)]
        assert {d.headers["location"] for d in done} == {f"/blacklist/cases/{NO_SHOW}?done=override"}
        case = said(await li.get(f"cases/{NO_SHOW}", params={"done": "override"}, headers=HTML))
        assert ("唯一的专任教师" in case, "已同意例外" in case) == (True, True)
        again = await wang.write(
            f"entries/{NO_SHOW}/overrides",
            {"programme": "zhengzhou-2022", "reason": "再来", "evidence": ["unit_statement"]},
        )
        assert (again.status_code, again.json()["code"]) == (409, "already-overridden")
        assert (await city.get(PAGE, headers=HTML)).status_code == 403


@pytest.mark.rule("L06")
async def test_a_ban_of_2021_knows_no_exception(running: Stack) -> None:
    async with (
        visitor(running, "blacklist", "province", unit="410000", name="li") as li,
        visitor(running, "blacklist", "province", unit="410000", name="wang") as wang,
    ):
        await banned(running, li, wang)
        assert PAGE not in (await li.get(f"cases/{NO_SHOW}", headers=HTML)).text
        page = await li.get(PAGE, headers=HTML)
        assert ("不能例外" in said(page), 'name="programme"' in page.text) == (True, False)
        no = await li.write(
            f"entries/{NO_SHOW}/overrides",
            {"programme": "henan-2021", "reason": "说明", "evidence": ["unit_statement"]},
        )
        assert (no.status_code, no.json()["code"]) == (409, "ban-absolute")
