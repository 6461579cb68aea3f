"""The service as a process: JSON, CSV and pages of the tables, over HTTP."""

import csv
from collections.abc import AsyncIterator
from io import StringIO

import pytest_asyncio

from deploy.local.stack import Stack
from services.reporting.facts.service import project
from services.reporting.league.routes import safe
from tests.integration.reporting.test_league_table import story
from tests.support.stack import RunService
from tests.support.streams import feed_running
from tests.support.visitor import HTML, visitor


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    stack = await run_service("reporting")
    await feed_running(stack, "reporting", project, story().streams.received)
    yield stack


async def test_the_tables_over_http(running: Stack) -> None:
    await json_and_csv_say_the_same_and_are_the_same_for_everyone(running)
    await pages_answer_in_both_languages_and_without_script(running)
    await rows_behind_a_figure_follow_the_readers_scope(running)
    await what_does_not_exist_is_refused_with_words(running)
    await the_summary_counts_what_is_under_way(running)


async def json_and_csv_say_the_same_and_are_the_same_for_everyone(running: Stack) -> None:
    path = "league/henan-2021/rural"
    async with (
        visitor(running, "reporting", "county", unit="410183") as county,
        visitor(running, "reporting", "inspector") as other,
    ):
        body = (await county.get(f"{path}.json", params={"level": "city", "formula": "checkin"})).json()
        assert (await other.get(f"{path}.json", params={"level": "city", "formula": "checkin"})).json() == body
        sheet = await county.get(f"{path}.csv", params={"level": "city", "formula": "checkin", "lang": "en"})
    row = next(r for r in body["rows"] if r["code"] == "410100")
    assert (row["rank"], row["state"], row["counts"]["checked_in"]) == (1, "ranked", 18)
    assert row["rates"]["checkin"] == {
        "numerator": 18,
        "denominator": 20,
        "percent": "90.00",
        "interval": ["69.9", "97.2"],
    }
    assert (body["policy"], body["formula"]["key"], body["formula"]["version"]) == ("henan-2021@1", "checkin", 1)
    assert body["as_of"].startswith("2021-09-20")
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    about, header, *lines = list(csv.reader(StringIO(sheet.text.lstrip("\ufeff"))))
    assert about[0].startswith("Check-in rate (checkin, version 1)")
    first = dict(zip(header, lines[0], strict=True))
    assert (first["Code"], first["Checked in"], first["Check-in rate %"], first["Check-in rate, denominator"]) == (
        "410100", "18", "90.00", "20")  # fmt: skip


async def pages_answer_in_both_languages_and_without_script(running: Stack) -> None:
    async with visitor(running, "reporting", "city", unit="410100") as city:
        start = await city.get("", headers=HTML, follow_redirects=True)
        zh = await city.get("league/henan-2021/rural", params={"level": "city", "formula": "checkin"}, headers=HTML)
        en = await city.get("league/henan-2021/rural", params={"level": "county", "lang": "en"}, headers=HTML)
        rows = await city.get(
            "league/henan-2021/rural/places", params={"unit": "410183", "level": "county"}, headers=HTML
        )
        chosen = await city.get("league", params={"table": "henan-2021/rural", "level": "school"})
    assert [r.status_code for r in (start, zh, en, rows)] == [200] * 4
    assert "/reporting/league/henan-2021/rural" in start.text
    assert "90.00%" in zh.text
    assert "单位410100" in zh.text
    assert "Under no unit of this level" in en.text
    assert rows.text.count('<tr role="row"') == 21
    assert chosen.headers["location"] == "/reporting/league/henan-2021/rural?level=school"
    for page in (start, zh, en, rows):
        assert "<script" not in page.text
        assert "style=" not in page.text


async def rows_behind_a_figure_follow_the_readers_scope(running: Stack) -> None:
    path, of = "league/henan-2021/rural/places.json", {"unit": "410183", "level": "county"}
    async with (
        visitor(running, "reporting", "county", unit="410222") as other,
        visitor(running, "reporting", "province", unit="410000") as all_,
    ):
        assert (await other.get(path, params=of)).json()["places"] == []
        places = (await all_.get(path, params=of)).json()["places"]
    assert len(places) == 20
    assert not any("person" in key for place in places for key in place)


async def what_does_not_exist_is_refused_with_words(running: Stack) -> None:
    async with visitor(running, "reporting", "inspector") as who:
        answers = {path: await who.get(path) for path in (
            "league/henan-1999/rural.json", "league/henan-2021/nothing.json", "league/henan-2021/rural.json?level=village",
            "league/henan-2021/rural.json?formula=guess")}  # fmt: skip
    assert {a.json()["code"] for a in answers.values()} == {
        "year-unknown",
        "project-unknown",
        "level-unknown",
        "measure-unknown",
    }
    assert all(a.status_code == 404 and a.json()["zh"]["remedy"] for a in answers.values())


async def the_summary_counts_what_is_under_way(running: Stack) -> None:
    async with visitor(running, "reporting", "province", unit="410000") as who:
        summary = (await who.get("summary.json")).json()
    (year,) = summary["years"]
    assert summary["present"] == year["policy_key"]
    assert {k: year[k] for k in ("quota", "selected", "registered", "expected", "checked_in", "completed", "classes")} == {
        "quota": 27, "selected": 21, "registered": 19, "expected": 20, "checked_in": 18, "completed": 17, "classes": 1}  # fmt: skip
    assert (year["name"]["zh"], year["starts_on"], year["ends_on"]) == (year["name"]["zh"], "2021-08-26", "2021-09-09")


def test_no_cell_is_taken_for_a_formula() -> None:
    assert [safe(c) for c in ("=1+1", "+1", "-1", "@x", "\tx", "郑州", 5)] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "郑州",
        5,
    ]
