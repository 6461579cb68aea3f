"""Age 46: refused, selected with a reason by the office that the year names, and counted against selection quality."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from services.enrolment.imports import store as imports
from services.enrolment.imports.domain import Result
from services.enrolment.imports.service import Upload, accept
from services.enrolment.overrides.service import override
from services.enrolment.rosters.domain import CellFinding
from services.reporting.facts.service import project
from services.reporting.league import service as league
from shared.db import Database
from shared.envelope import Received, decode, decode_event
from shared.events.enrolment import TraineeSelected
from shared.problems import Problem
from tests.integration.enrolment.ground import COHORT, KEY, SCHOOL, TEXTS, Ground, at, context, lay, policy
from tests.support import messy
from tests.support.databases import NewDatabase
from tests.support.streams import feed

AGED = date(1975, 3, 1)
REASON = "全乡唯一的音乐教师（合成）"


@pytest_asyncio.fixture
async def aged(new_database: NewDatabase) -> AsyncIterator[Ground]:
    """A year whose rural cohort asks for at most 45 years in principle, with twenty places."""
    dsns = await new_database("enrolment")
    async with Database(dsns.writer, dsns.reader) as db:
        ground = await lay(db, messy.with_age_limit(policy(KEY)[0]))
        await ground.quota(20)
        yield ground


async def refused_rows(ground: Ground, *born: date, **changes: Any) -> str:
    """The job of a county's roster whose rows were refused; rows from 2."""
    people = [(await ground.people(1, first=i, born_on=b, **changes))[0] for i, b in enumerate(born)]
    decision = await ground.select(people)
    rows = [
        Result(
            row=n,
            name="陈样例",
            outcome="refused",
            person_id=p,
            findings=[_finding(r) for r in decision.refusals if r.key == p],
        )
        for n, p in enumerate(people, 2)
    ]
    async with ground.db.write() as con:
        upload = Upload(key=KEY, cohort=COHORT, unit=None, file_name="名册.xlsx", content=b"PK")
        job_id: str = (await accept(con, context(), ground.as_("county", "410183"), upload))["job_id"]
        job = await imports.claim(con, "token", timedelta(seconds=60))
        assert job is not None
        await imports.add_rows(con, job, [r for r in rows if r.findings])
    return job_id


def _finding(refusal: Any) -> Any:
    return CellFinding(field="", column=None, code=refusal.code, vars=refusal.vars)


async def pass_rows(
    ground: Ground, job: str, reasons: dict[int, str], who: tuple[str, str] = ("city", "410100"), **more: Any
) -> list[tuple[int, str, list[str]]]:
    async with ground.db.write() as con:
        settled = await override(con, context(more.get("now")), ground.as_(*who), job, reasons, TEXTS)
    return [(r.row, r.outcome, [f.code for f in r.findings]) for r in settled]


async def received(db: Database) -> list[Received]:
    """Everything that enrolment has told, as a consumer gets it."""
    async with db.system() as con:
        rows = await con.fetch("select topic, key, headers, payload from outbox order by seq")
    found = []
    for offset, row in enumerate(rows):
        headers = [(k, v.encode()) for k, v in msgspec.json.decode(row["headers"], type=dict[str, str]).items()]
        envelope = decode(headers, row["key"].encode())
        found.append(Received(envelope, decode_event(envelope, row["payload"]), row["topic"], 0, offset))
    return found


@pytest.mark.rule("Q11", "M06", "Q27")
async def test_forty_six_is_selected_with_a_reason_and_lowers_selection_quality(
    aged: Ground, new_database: NewDatabase
) -> None:
    dsns = await new_database("reporting")
    await aged.select(await aged.people(3, first=10))
    job = await refused_rows(aged, AGED)
    assert await pass_rows(aged, job, {2: REASON}) == [(2, "selected", [])]
    told = await received(aged.db)
    selected = [r.event for r in told if isinstance(r.event, TraineeSelected)]
    assert [(e.met_every_condition, e.overridden) for e in selected] == [(True, [])] * 3 + [(False, ["age_at_most"])]
    assert await aged.count("place_override where condition = 'age_at_most' and reason = $1", REASON) == 1
    assert REASON not in str(told)
    async with Database(dsns.writer, dsns.reader) as db:
        await feed(db, project, [told])
        async with db.system() as con:
            choice = await league.choose(con, KEY, "rural", "city", "selection-quality")
            entrants = list((await league.report(con, choice)).table)
    (zhengzhou,) = [e for e in entrants if e.entrant.code == "410100"]
    assert zhengzhou.measures["selection-quality"].rate.fraction == Fraction(3, 4)


async def test_the_row_keeps_what_came_of_it_and_is_not_asked_for_again(aged: Ground) -> None:
    job = await refused_rows(aged, AGED, AGED)
    assert await pass_rows(aged, job, {2: REASON}) == [(2, "selected", [])]
    async with aged.db.system() as con:
        found = await imports.find(con, job)
    assert found is not None
    assert (found.selected, found.refused) == (1, 1)
    with pytest.raises(Problem) as problem:
        await pass_rows(aged, job, {2: REASON, 9: REASON})
    assert (problem.value.status, problem.value.code) == (422, "override-rows")
    assert str(problem.value.details["rows"].zh) == "2、9"
    assert await aged.count("place") == 1


@pytest.mark.rule("Q11", "Q05")
async def test_a_strict_condition_and_a_full_quota_know_no_override(aged: Ground) -> None:
    job = await refused_rows(aged, AGED, marks=[])
    assert await pass_rows(aged, job, {2: REASON}) == [(2, "refused", ["condition-marked"])]
    full = await refused_rows(aged, AGED, AGED)
    await aged.select(await aged.people(20, first=100))
    assert await pass_rows(aged, full, {2: REASON, 3: REASON}) == [(n, "refused", ["quota-used-up"]) for n in (2, 3)]
    assert await aged.count("place_override") == 0


@pytest.mark.rule("Q11", "D07")
async def test_only_the_office_that_the_year_names_passes_a_condition_and_only_in_time(aged: Ground) -> None:
    job = await refused_rows(aged, AGED)
    for who, code in (
        (("county", "410183"), "override-not-yours"),
        (("school", SCHOOL), "out-of-scope"),
        (("city", "410200"), "out-of-scope"),
    ):
        with pytest.raises(Problem) as problem:
            await pass_rows(aged, job, {2: REASON}, who)
        assert problem.value.code == code, who
    with pytest.raises(Problem) as closed:
        await pass_rows(aged, job, {2: REASON}, now=at(7, 31, 0))
    assert closed.value.code == "selection-closed"
    assert await pass_rows(aged, job, {2: REASON}, now=at(7, 30, 23, 59, 59)) == [(2, "selected", [])]
