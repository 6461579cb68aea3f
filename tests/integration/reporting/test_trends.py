"""A unit's rates over the years, out of a real PostgreSQL and over HTTP."""

import csv
from collections.abc import AsyncIterator
from io import StringIO

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from services.reporting.dashboard import store
from services.reporting.dashboard.service import dashboard
from services.reporting.facts.service import project
from services.reporting.trends.service import view
from shared.db import Database
from tests.integration.reporting.ground import BY_RATES, SCHOOL, next_year, with_institutions, year_of
from tests.support.databases import NewDatabase
from tests.support.stack import RunService
from tests.support.streams import feed, feed_running
from tests.support.visitor import HTML, visitor
from tests.support.year import Year, at


def told(**formulas: str) -> Year:
    """Zhengzhou: 60 places and 20 registered, then 20 places and 15; nobody is expected in the second year."""
    first = year_of(with_institutions(*BY_RATES), {"inst-001": (20, 18, 17)})
    second = next_year(first, **formulas)
    for n in range(15):
        second.select(f"later-{n}", SCHOOL)
        second.step(f"later-{n}", "registered")
    return second


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database("reporting")
    async with Database(dsns.writer, dsns.reader) as database:
        yield database


@pytest.mark.rule("P14")
async def test_a_year_is_set_beside_the_one_before(db: Database) -> None:
    await feed(db, project, [told().streams.received])
    async with db.system() as con:
        city, school = await view(con, "410100"), await view(con, "410183-s001")
        other = await view(con, "inst-001")
    rates = {
        t.zh: [(p.year.year, str(p.measure.rate.fraction)) for p in t.points if p.measure.rate.defined]
        for t in city.trends
    }
    assert rates["名额注册完成率"] == [(2021, "1/3"), (2022, "3/4")]
    assert rates["报到率"] == [(2021, "9/10")], "nobody was expected in 2022: no rate, and not 0 %"
    assert [p.formula.version for p in city.trends[0].points] == [1, 2]
    assert len(school.trends) == len(city.trends)
    assert (other.trends, [y.year for y in other.years]) == ([], [2021])


async def test_the_dashboard_looks_how_far_the_years_are_only_when_it_is_to_choose_one(db: Database) -> None:
    """It is asked again every few seconds; one year is counted, not all of them."""
    year, asked = told(), list[str]()
    await feed(db, project, [year.streams.received])
    for key, opened in ((year.policy.key, year.policy.key), (None, "henan-2021")):
        asked.clear()
        async with db.system() as con:
            with con.query_logger(lambda said: asked.append(said.query)):
                found = await dashboard(con, key, at(8, 16))
        assert found is not None
        assert found.programme.key == opened
        assert (store.Q.begun in asked) == (key is None)
        assert not [q for q in asked if "from counted" in q and "policy_key = " not in q]


async def test_another_fraction_under_the_same_key_is_not_compared(db: Database) -> None:
    await feed(db, project, [told(denominator="selected").streams.received])
    async with db.system() as con:
        found = await view(con, "410100")
    assert "名额注册完成率" not in [t.zh for t in found.trends]
    assert len(found.years) == 2


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    stack = await run_service("reporting")
    await feed_running(stack, "reporting", project, told().streams.received)
    yield stack


async def test_trends_over_http(running: Stack) -> None:
    async with visitor(running, "reporting", "county", unit="410183") as who:
        body = (await who.get("trends/410100.json")).json()
        sheet = await who.get("trends/410100.csv", params={"lang": "zh"})
        page = await who.get("trends/410100", headers=HTML)
        empty = await who.get("trends/inst-001", headers=HTML)
        nobody = await who.get("trends/990099.json")
    first = body["trends"][0]
    assert first["names"]["zh"] == "名额注册完成率"
    assert [(p["year"], p["percent"], p["formula"]["version"]) for p in first["points"]] == [
        (2021, "33.33", 1),
        (2022, "75.00", 2),
    ]
    assert ["名额注册完成率", "2022", "next-year@1", "2", "15", "20", "75.00"] in list(
        csv.reader(StringIO(sheet.text.lstrip("\ufeff")))
    )
    assert page.text.count('<svg class="trend"') == len(body["trends"])
    assert "75.00%" in page.text
    assert "还没有可以比较的年度" in empty.text
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unit-unknown")
    assert "style=" not in page.text
