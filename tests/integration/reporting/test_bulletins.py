"""Bulletins in a running service: frozen, restated with a reason, compared with today, and never changed."""

import csv
import hashlib
import json
import re
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from services.reporting.facts.service import project
from tests.integration.reporting.ground import BY_RATES, score, with_institutions, year_of
from tests.support.stack import RunService
from tests.support.streams import feed_running
from tests.support.visitor import HTML, Visitor, visitor
from tests.support.year import Year

ORDER = {"policy": "henan-2021"}


def told() -> Year:
    year = year_of(with_institutions(*BY_RATES), {"inst-001": (20, 18, 17), "inst-002": (12, 11, 11)})
    score(year, "one", "inst-001", "94.5")
    return year


async def tell(stack: Stack, year: Year) -> None:
    await feed_running(stack, "reporting", project, year.streams.received)


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    stack = await run_service("reporting")
    await tell(stack, told())
    yield stack


def province(stack: Stack) -> Visitor:
    return visitor(stack, "reporting", "province", unit="410000")


async def corrected(stack: Stack) -> None:
    """After the freezing a check-in is corrected and a score comes in."""
    year = told()
    year.step("inst-001-19", "checked_in", "class-inst-001")
    score(year, "two", "inst-002", "80")
    await tell(stack, year)


@pytest.mark.rule("M07", "M08")
async def test_a_frozen_bulletin_holds_both_tables_and_never_changes(running: Stack) -> None:
    async with province(running) as who:
        made = (await who.write("bulletins", ORDER)).json()
        first = await who.get(f"bulletins/{made['bulletin_id']}.json")
        await corrected(running)
        again = await who.get(f"bulletins/{made['bulletin_id']}.json")
        now = (await who.get("league/henan-2021/rural.json", params={"level": "institution"})).json()
    assert again.content == first.content
    assert hashlib.sha256(first.content).hexdigest() == made["sha256"] == first.headers["etag"].strip('"')
    body = first.json()
    assert canonical(body) == first.content, "any reader of JSON writes the same bytes"
    assert [s["level"] for s in body["sheets"]] == ["city", "institution"]
    assert {(f["key"], f["version"]) for f in body["sheets"][1]["formulas"]} == {
        (key, 1) for group in BY_RATES for key in group
    }
    assert (body["policy"], body["as_of"], body["frozen_at"][:10]) == (
        "henan-2021@1",
        "2021-09-15T01:00:00Z",
        "2021-07-16",
    )
    frozen = row(body["sheets"][1], "inst-001")
    assert (frozen["rates"]["checkin"]["percent"], frozen["ranks"]["checkin"]["rank"]) == ("90.00", 2)
    assert next(r for r in now["rows"] if r["code"] == "inst-001")["rates"]["checkin"]["percent"] == "95.00"


def plain(page: httpx.Response) -> str:
    """The words of a page without its tags."""
    return re.sub(r"<[^>]+>", "", page.text)


def canonical(body: Any) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def row(sheet: Any, code: str) -> Any:
    return next(r for r in sheet["rows"] if r["code"] == code)


async def test_one_order_one_bulletin(running: Stack) -> None:
    async with province(running) as who:
        first = await who.write("bulletins", ORDER, key="once")
        repeated = await who.write("bulletins", ORDER, key="once")
        second = await who.write("bulletins", ORDER)
        listed = (await who.get("bulletins.json")).json()["bulletins"]
    assert (first.status_code, repeated.content) == (201, first.content)
    assert (second.status_code, second.json()["code"]) == (409, "already-frozen")
    assert [b["bulletin_id"] for b in listed] == ["henan-2021-01"]


async def test_a_restatement_needs_a_reason_and_leaves_both_readable(running: Stack) -> None:
    async with province(running) as who:
        await who.write("bulletins", ORDER)
        await corrected(running)
        bare = await who.write("bulletins", {**ORDER, "restates": "henan-2021-01", "reason": " "})
        unknown = await who.write("bulletins", {**ORDER, "restates": "henan-2021-09", "reason": "x"})
        done = await who.write("bulletins", {**ORDER, "restates": "henan-2021-01", "reason": "报到更正1人"})
        twice = await who.write("bulletins", {**ORDER, "restates": "henan-2021-01", "reason": "again"})
        old = await who.get("bulletins/henan-2021-01", headers=HTML)
        new = await who.get("bulletins/henan-2021-02", headers=HTML)
        listed = (await who.get("bulletins.json")).json()["bulletins"]
    codes = [(r.status_code, r.json().get("code")) for r in (bare, unknown, twice)]
    assert codes == [(422, "reason-missing"), (404, "bulletin-unknown"), (409, "already-restated")]
    assert done.json()["restates"] == "henan-2021-01"
    assert [(b["bulletin_id"], b["restates"], b["restated_by"]) for b in listed] == [
        ("henan-2021-02", "henan-2021-01", None), ("henan-2021-01", None, "henan-2021-02")]  # fmt: skip
    assert "已由henan-2021-02更正" in plain(old)
    assert "90.00%" in old.text
    assert "报到更正1人" in new.text
    assert "95.00%" in new.text


async def test_what_differs_from_today_is_told_figure_by_figure(running: Stack) -> None:
    async with province(running) as who:
        await who.write("bulletins", ORDER)
        same = (await who.get("bulletins/henan-2021-01/changes.json")).json()
        await corrected(running)
        told_ = (await who.get("bulletins/henan-2021-01/changes.json")).json()
        page = await who.get("bulletins/henan-2021-01/changes", headers=HTML)
    assert [t["changes"] for t in same["tables"]] == [[], []]
    changes = {(c["row"], c["what"]): (c["before"], c["after"]) for c in told_["tables"][1]["changes"]}
    assert changes["inst-001", "rate:checkin"] == ("90.00%", "95.00%")
    assert changes["inst-001", "rank:checkin"] == ("2", "1")
    assert changes["inst-002", "rank:checkin"] == ("1", "2")
    assert changes["inst-002", "rate:inspection"] == (None, "80.00")
    assert changes["total", "checked_in"] == ("29", "30")
    assert page.status_code == 200
    assert "95.00%" in page.text


async def test_only_the_issuer_or_its_superior_freezes(running: Stack) -> None:
    async with (
        visitor(running, "reporting", "city", unit="410100") as city,
        visitor(running, "reporting", "county", unit="410183") as county,
    ):
        assert (await city.write("bulletins", ORDER)).status_code == 404
        assert (await city.get("bulletins/new", params=ORDER, headers=HTML)).status_code == 404
        assert (await county.write("bulletins", ORDER)).status_code == 403
        assert "henan-2021" not in (await city.get("bulletins", headers=HTML)).text
        assert (await city.get("bulletins/nothing.json")).json()["code"] == "bulletin-unknown"
        assert (await city.get("bulletins.json")).json() == {"bulletins": []}


async def test_the_database_refuses_to_change_a_frozen_one(running: Stack) -> None:
    async with province(running) as who:
        await who.write("bulletins", ORDER)
    con = await asyncpg.connect(running.dsns["reporting"].writer)
    try:
        for statement in ("update bulletin set reason = 'x'", "delete from bulletin", "truncate bulletin"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await con.execute(statement)
        with pytest.raises(asyncpg.CheckViolationError):
            await con.execute("insert into bulletin select 'other', policy_key, 9, 'other', year, issuer_path, as_of, frozen_at, "
                              "frozen_by, restates, reason, content || ' ', sha256 from bulletin")  # fmt: skip
    finally:
        await con.close()


async def test_the_pages_lead_from_draft_to_paper(running: Stack) -> None:
    async with province(running) as who:
        start = await who.get("bulletins", headers=HTML)
        draft = await who.get("bulletins/new", params=ORDER, headers=HTML)
        form = {**ORDER, "idempotency_key": "a-form"}
        sent = [await who.post("bulletins/new", data=form, headers=HTML) for _ in range(2)]
        bare = await who.post(
            "bulletins/new", data={**ORDER, "restates": "henan-2021-01", "idempotency_key": "b"}, headers=HTML
        )
        restating = await who.get("bulletins/new", params={**ORDER, "restates": "henan-2021-01"}, headers=HTML)
        paper = await who.get("bulletins/henan-2021-01", params={"lang": "en"}, headers=HTML)
        sheet = await who.get("bulletins/henan-2021-01.csv")
    assert "/reporting/bulletins/new?policy=henan-2021" in start.text
    assert "冻结后不能改" in draft.text
    assert {r.headers["location"] for r in sent} == {"/reporting/bulletins/henan-2021-01?done=1"}
    assert "SHA-256 of the sealed data" in paper.text
    assert "announces no bulletin" in paper.text
    assert (bare.status_code, "更正通报henan-2021-01须写明原因" in plain(bare)) == (422, True)
    assert 'name="reason"' in restating.text
    lines = list(csv.reader(StringIO(sheet.text.lstrip("\ufeff"))))
    assert "SHA-256" in lines[0][0]
    assert [x[0] for x in lines if x[0].startswith("inst-")] == ["inst-002", "inst-001"]
    for page in (start, draft, paper, restating):
        assert "<script" not in page.text
        assert "style=" not in page.text


@pytest.mark.rule("M10", "M11")
async def test_what_a_ranking_is_used_for_is_exported(running: Stack) -> None:
    async with visitor(running, "reporting", "inspector") as who:
        tasks = (await who.get("exports/henan-2021/next-year-tasks.json")).json()
        evaluation = await who.get("exports/henan-2021/year-end-evaluation.csv", params={"lang": "en"})
        nothing = await who.get("exports/henan-2021/lottery.json")
    (table,) = tasks["tables"]
    assert (tasks["use"]["names"]["en"], table["level"]) == ("Next year's allocation of tasks", "institution")
    assert row(table, "inst-001")["rates"]["inspection"] == {
        "numerator": "94.5", "denominator": "100", "percent": None, "interval": None, "score": "94.5" + "0", "max": "100"}  # fmt: skip
    assert row(table, "inst-002")["ranks"] == {
        "checkin": {"state": "ranked", "rank": 1}, "completion-institutions": {"state": "ranked", "rank": 1}}  # fmt: skip
    _, _, head, *rows = csv.reader(StringIO(evaluation.text.lstrip("\ufeff")))
    zhengzhou = dict(zip(head, next(r for r in rows if r[0] == "410100"), strict=True))
    assert {k: zhengzhou[f"{k}, rank"] for k in ("Registration completion", "Check-in rate", "Selection quality")} == {
        "Registration completion": "1", "Check-in rate": "1", "Selection quality": "1"}  # fmt: skip
    assert (zhengzhou["Registration completion %"], zhengzhou["Check-in rate %"]) == ("53.33", "90.63")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "use-unknown")
