"""The facts in a real PostgreSQL: any order between streams, repeats, and the table that comes out."""

import random
from collections.abc import AsyncIterator
from fractions import Fraction
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from services.reporting.facts.service import project
from services.reporting.league import service
from services.reporting.league.domain.ranking import Table
from services.reporting.league.domain.ratios import Rate
from shared.db import Database
from shared.policy.tables import Ranking
from tests.support.databases import NewDatabase
from tests.support.streams import batches, feed
from tests.support.year import Year, at, policy

TREE: dict[str, Any] = {"410000": {"410100": {"410183": {"410183-s001": {}}, "410100-s009": {}}, "410200": {"410222": {"410222-s001": {}}},
                   "419001": {}}}  # fmt: skip
ROOT = "/u-410000/"
ZHENGZHOU = f"{ROOT}u-410100/"
SCHOOL = f"{ZHENGZHOU}u-410183/u-410183-s001/"
DIRECT = f"{ZHENGZHOU}u-410100-s009/"
KAIFENG = f"{ROOT}u-410200/u-410222/u-410222-s001/"


INSTITUTIONS = {"key": "institutions", "names": {"zh": "承训单位", "en": "Institutions"}, "ranked": {"level": "institution"},
                "within": "group", "by": ["on-time"], "beside": ["checkin"], "used_for": []}  # fmt: skip


def story() -> Year:
    year = Year()
    told(year)
    return year


def told(year: Year) -> None:
    """Zhengzhou: 20 selected, 19 registered, 18 of 20 there, 17 complete; Kaifeng: 2 in a class that was cancelled."""
    year.units(TREE)
    year.institution("inst-001", "410000")
    year.publish()
    top = year.quota(ZHENGZHOU, 22)
    county = year.quota(f"{ZHENGZHOU}u-410183/", 20, top)
    year.quota(SCHOOL, 20, county)
    year.quota(DIRECT, 2, top)
    year.quota(f"{ROOT}u-410200/", 5)
    year.schedule("class", "inst-001")
    year.schedule("gone", "inst-001")
    for n in range(20):
        year.select(f"a{n}", SCHOOL, met=n != 3)
        year.step(f"a{n}", "assigned")
        if n:
            year.step(f"a{n}", "registered")
        if n == 1:
            year.step("a1", "excused")
        if n > 1:
            year.step(f"a{n}", "checked_in")
        year.step(f"a{n}", "expected")
    year.step("a0", "no_show")
    year.step("a2", "dismissed")
    for n in range(3, 20):
        year.step(f"a{n}", "completed")
    year.select("b0", DIRECT)
    year.select("b1", DIRECT, instead_of="b0")
    year.select("b2", DIRECT)
    year.step("b2", "revoked")
    for n in range(2):
        year.select(f"k{n}", KAIFENG)
        year.step(f"k{n}", "assigned", "gone")
    year.close("class", 20, 18)
    year.cancel("gone")
    year.hand_in("checkin-notice", "class", at(8, 5))
    year.hand_in("checkin-notice", "gone", at(8, 5))


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database("reporting")
    async with Database(dsns.writer, dsns.reader) as database:
        yield database


async def table(db: Database, level: str, measure: str | None = None) -> Table:
    async with db.system() as con:
        choice = await service.choose(con, "henan-2021", "rural", level, measure)
        return (await service.report(con, choice)).table


async def dump(db: Database) -> list[object]:
    async with db.system() as con:
        found = []
        for name in ("unit", "programme", "cell", "class", "place", "document", "inspection"):
            found += [name, *await con.fetch(f"select t::text from {name} t order by 1")]
        return found


@pytest.mark.rule("M01", "M02", "M06")
async def test_the_table_of_cities(db: Database) -> None:
    await feed(db, project, [story().streams.received])
    drawn = await table(db, "city", "checkin")
    (zhengzhou,) = drawn.ranked
    c = zhengzhou.counts
    assert (c.quota, c.selected, c.registered, c.expected, c.checked_in, c.completed) == (22, 21, 19, 20, 18, 17)
    assert (c.met_every_condition, c.excused) == (20, 1)
    rates = {key: m.rate.fraction for key, m in zhengzhou.measures.items()}
    assert rates["checkin"] == Fraction(18, 20)
    assert rates["registration-completion"] == Fraction(19, 22)
    assert rates["selection-quality"] == Fraction(20, 21)
    assert [(x.entrant.code, x.counts.quota, x.counts.selected) for x in drawn.not_ranked] == [
        ("410200", 5, 0),
        ("419001", 0, 0),
    ]
    assert drawn.total.counts.quota == 27


async def test_a_county_table_keeps_what_hangs_under_no_county(db: Database) -> None:
    await feed(db, project, [story().streams.received])
    drawn = await table(db, "county", "registration-completion")
    assert [(x.entrant.code, x.counts.quota, x.counts.selected) for x in drawn.ranked] == [("410183", 20, 20)]
    assert [(x.entrant.code, x.counts.quota, x.counts.selected) for x in drawn.not_ranked] == [
        ("410222", 0, 0),
        ("", 2, 1),
    ]
    whole = await table(db, "city", "registration-completion")
    assert drawn.total.counts.selected == whole.total.counts.selected == 21


@pytest.mark.rule("A12", "Q27")
async def test_bureaus_of_both_levels_are_ranked_for_the_quality_of_what_they_sent(db: Database) -> None:
    await feed(db, project, [story().streams.received])
    for level, code, quality in (("city", "410100", Fraction(20, 21)), ("county", "410183", Fraction(19, 20))):
        drawn = await table(db, level, "selection-quality")
        assert [(x.entrant.code, x.rank) for x in drawn.ranked] == [(code, 1)]
        assert drawn.ranked[0].measures["selection-quality"].rate.fraction == quality
        assert drawn.small == []


async def test_any_order_and_any_repeat_gives_the_same_facts(db: Database, new_database: NewDatabase) -> None:
    year = story()
    await feed(db, project, [year.streams.received])
    expected = await dump(db)
    for seed in range(4):
        dsns = await new_database("reporting")
        chance = random.Random(seed)
        async with Database(dsns.writer, dsns.reader) as other:
            await feed(other, project, batches(year.streams.shuffled(chance, repeats=60), chance))
            assert await dump(other) == expected


async def test_replaying_everything_changes_nothing(db: Database) -> None:
    year = story()
    await feed(db, project, [year.streams.received])
    before = await dump(db)
    await feed(db, project, [year.streams.received])
    assert await dump(db) == before


@pytest.mark.rule("D12", "M02")
async def test_institutions_are_ranked_by_what_they_handed_in_time(db: Database) -> None:
    year = Year(policy=msgspec.structs.replace(policy(), rankings=(msgspec.convert(INSTITUTIONS, Ranking),)))
    told(year)
    await feed(db, project, [year.streams.received])
    drawn = await table(db, "institution")
    (line,) = drawn.small
    assert (line.entrant.code, line.counts.quota, line.counts.checked_in, line.rank) == ("inst-001", None, 18, 1)
    # as of 20 September: application and two papers of the one class that took place; bulletins are due with its end
    assert (line.counts.documents_due, line.counts.documents_on_time) == (6, 1)
    assert line.measures["checkin"].rate == Rate(18, 20)


async def test_the_reader_role_sees_places_of_its_scope_alone(db: Database) -> None:
    await feed(db, project, [story().streams.received])

    class Scope:
        def __init__(self, scope: str) -> None:
            self.scope = scope

    async def seen(scope: str) -> int:
        async with db.read(Scope(scope)) as con:
            number: int = await con.fetchval("select count(*) from place")
            return number

    assert await seen("") == 0
    assert await seen(f"unit:{SCHOOL}") == 20
    assert await seen(f"unit:{ROOT}u-410200/") == 2
    assert await seen(f"unit:{ROOT}u-inst-001/") == 22
    assert await seen(f"unit:{ROOT}") == 25


@pytest.mark.rule("K07", "K08")
async def test_places_handed_to_counties_past_their_city_count_for_the_city(db: Database) -> None:
    year = Year()
    year.units(TREE)
    year.publish()
    year.quota(f"{ZHENGZHOU}u-410183/", 50)
    year.quota(f"{ROOT}u-419001/", 50)
    for n in range(10):
        year.select(f"z{n}", SCHOOL)
    await feed(db, project, [year.streams.received])
    drawn = await table(db, "city", "registration-completion")
    found = {x.entrant.code: (x.counts.quota, x.counts.selected) for x in (*drawn.ranked, *drawn.not_ranked)}
    assert found == {"410100": (50, 10), "410200": (0, 0), "419001": (50, 0)}
