"""The institutions' table in a real PostgreSQL: by scores of inspections, and by rates with the scores beside."""

import csv
import random
import re
from collections.abc import AsyncIterator
from fractions import Fraction
from io import StringIO

import msgspec
import pytest
import pytest_asyncio

from services.reporting.facts.service import project
from services.reporting.league import service
from services.reporting.league.domain.publishing import published
from services.reporting.league.service import Report
from shared.db import Database
from shared.events import enrolment as e
from shared.policy import Policy
from tests.integration.reporting.ground import BY_RATES, BY_SCORE, ROOT, score, with_institutions, year_of
from tests.support.databases import NewDatabase
from tests.support.stack import RunService
from tests.support.streams import batches, feed, feed_running
from tests.support.visitor import HTML, visitor
from tests.support.year import Year, at

CLASSES = {"inst-001": (20, 18, 17), "inst-002": (10, 9, 9), "inst-004": (4, 4, 4)}


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database("reporting")
    async with Database(dsns.writer, dsns.reader) as database:
        yield database


def inspected(policy: Policy) -> Year:
    """Two share the best score, one of them by the mean of two inspections; one was corrected; one has none."""
    year = year_of(policy, CLASSES)
    score(year, "first", "inst-001", "94.5")
    score(year, "second", "inst-002", "90")
    score(year, "third", "inst-002", "99")
    score(year, "fourth", "inst-003", "99", day=14)
    score(year, "fourth", "inst-003", "44.00", "50", day=16)
    year.hand_in("checkin-notice", "class-inst-001", at(8, 5), "inst-001")
    year.hand_in("timetable", "class-inst-001", at(8, 18), "inst-001")
    return year


async def told(db: Database, year: Year, measure: str | None = None, scope: str = "quality-2021") -> Report:
    await feed(db, project, [year.streams.received])
    return await drawn(db, measure, scope)


async def drawn(db: Database, measure: str | None = None, scope: str = "quality-2021") -> Report:
    async with db.system() as con:
        return await service.report(con, await service.choose(con, "henan-2021", scope, "institution", measure))


@pytest.mark.rule("M09", "M16")
async def test_institutions_are_ranked_by_the_mean_score_of_their_inspections(db: Database) -> None:
    table = (await told(db, inspected(with_institutions(*BY_SCORE)))).table
    assert [(x.entrant.code, x.rank) for x in table.ranked] == [("inst-001", 1), ("inst-002", 1), ("inst-003", 3)]
    assert [x.measures["inspection"].rate.fraction for x in table.ranked] == [
        Fraction(945, 1000), Fraction(189, 200), Fraction(88, 100)]  # fmt: skip
    assert [x.entrant.code for x in table.not_ranked] == ["inst-004"], "not inspected is not zero points"
    assert table.small == [], "one inspection is no small number of persons"
    printed = published(table.ranked[1].measures["inspection"], table.rules)
    assert (printed["score"], printed["max"], printed["percent"], printed["interval"]) == ("94.50", "100", None, None)
    assert published(table.total.measures["inspection"], table.rules)["score"] == "93.57", "327.5 of 350 points"


@pytest.mark.rule("M02", "M04", "M05")
async def test_rates_rank_and_the_parts_of_implementation_stand_beside(db: Database) -> None:
    report = await told(db, inspected(with_institutions(*BY_RATES)))
    table = report.table
    assert [(x.entrant.code, x.rank) for x in table.ranked] == [("inst-001", 1), ("inst-002", 1)]
    assert [(x.entrant.code, x.rank) for x in table.small] == [("inst-004", 1)]
    assert [x.entrant.code for x in table.not_ranked] == ["inst-003"], "nobody was expected there"
    first = table.ranked[0]
    shown = {key: published(m, table.rules) for key, m in first.measures.items()}
    assert (shown["checkin"]["percent"], shown["completion-institutions"]["percent"]) == ("90.00", "94.44")
    assert (shown["on-time"]["numerator"], shown["on-time"]["denominator"]) == (1, 6)
    assert shown["inspection"]["score"] == "94.50"
    assert list(shown) == [*BY_RATES[0], *BY_RATES[1]], "side by side; no measure is made of several"
    async with db.system() as con:
        choice = await service.choose(con, "henan-2021", "rural", "institution", "completion-institutions")
        second = (await service.report(con, choice)).table
    assert [(x.entrant.code, x.rank) for x in second.ranked] == [("inst-001", 1)]
    assert [(x.entrant.code, x.rank) for x in second.small] == [("inst-002", 1), ("inst-004", 1)], "9 and 4 came"


async def test_scores_in_any_order_and_repeated_give_the_same(db: Database, new_database: NewDatabase) -> None:
    year = inspected(with_institutions(*BY_SCORE))
    expected = (await told(db, year)).table
    chance = random.Random(5)
    dsns = await new_database("reporting")
    async with Database(dsns.writer, dsns.reader) as other:
        await feed(other, project, batches(year.streams.shuffled(chance, repeats=40), chance))
        again = (await drawn(other)).table
    assert msgspec.to_builtins(list(again)) == msgspec.to_builtins(list(expected))


async def test_a_document_owed_once_by_an_institution_is_not_owed_once_a_project(db: Database) -> None:
    """Two projects: bulletins are owed per institution, the application and its reports per project."""
    policy = with_institutions(*BY_SCORE)
    twin = msgspec.structs.replace(policy.projects[0], key="twin")
    both = msgspec.structs.replace(policy, projects=(*policy.projects, twin))
    year = year_of(both, {"inst-001": (1, 1, 1)})
    scheduled = next(r.event for r in year.streams.received if isinstance(r.event, e.ClassScheduled))
    year.streams.add(msgspec.structs.replace(scheduled, class_id="other", project="twin"), at(12, 31))
    (line,) = [x for x in (await told(db, year)).table if x.entrant.code == "inst-001"]
    one = next(iter((await drawn(db, scope="rural")).table))
    # a project: application, notice, timetable, three bulletins, three reports; of two projects bulletins once
    assert (one.counts.documents_due, line.counts.documents_due) == (9, 15)


async def test_a_score_that_is_no_number_is_not_taken(db: Database) -> None:
    year = year_of(with_institutions(*BY_SCORE), {})
    score(year, "odd", "inst-001", "101")
    with pytest.raises(Exception, match="inspection_check"):
        await feed(db, project, [year.streams.received])
    async with db.system() as con:
        assert await con.fetchval("select count(*) from inspection where institution_path like $1", f"{ROOT}%") == 0


@pytest.mark.rule("A07")
async def test_an_institution_finds_itself_in_the_table_of_institutions(run_service: RunService) -> None:
    stack = await run_service("reporting")
    await feed_running(stack, "reporting", project, inspected(with_institutions(*BY_SCORE)).streams.received)
    async with visitor(stack, "reporting", "institution", unit="inst-002") as who:
        page = await who.get("league/henan-2021/rural", params={"level": "institution"}, headers=HTML)
        sheet = await who.get("league/henan-2021/rural.csv", params={"level": "institution", "lang": "en"})
    (own,) = re.findall(r'<tr role="row" class="is-mine">.*?</tr>', page.text, re.DOTALL)
    assert "院校inst-002" in own
    assert "<b>94.50</b>" in own
    (without,) = [row for row in re.findall(r'<tr role="row".*?</tr>', page.text, re.DOTALL) if "院校inst-004" in row]
    assert "还没有视导" in without
    head, *rows = list(csv.reader(StringIO(sheet.text.lstrip("\ufeff"))))[1:]
    first = dict(zip(head, rows[0], strict=True))
    assert (first["Code"], first["Process-inspection score, points"], first["Inspections"], first["Documents due"]) == (
        "inst-001", "94.50", "1", "6")  # fmt: skip
