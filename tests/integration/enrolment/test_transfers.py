"""Moving places on a real PostgreSQL: one transaction, both events, never beyond what a unit can spare."""

import asyncio
from typing import Any

import pytest

from services.enrolment.quota import store as cells
from services.enrolment.transfers import service, store
from shared.problems import Problem
from tests.integration.enrolment.ground import COHORT, KEY, SCHOOL, TEXTS, Ground, at, context

OTHER = "410183-s002"
COUNTY = ("county", "410183")


async def move(
    ground: Ground, places: int, giver: str = SCHOOL, taker: str = OTHER, who: tuple[str, str] = COUNTY, now: Any = None
) -> dict[str, Any]:
    ask = service.Ask(key=KEY, cohort=COHORT, giver=giver, taker=taker, places=places)
    async with ground.db.write() as con:
        return await service.move(con, context(now), ground.as_(*who), ask, TEXTS)


async def refused(work: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        await work
    return problem.value


async def places(ground: Ground) -> dict[str, int]:
    async with ground.db.system() as con:
        rows = await con.fetch("select u.code, c.places from quota_cell c join unit u using (unit_id)")
    return {r["code"]: r["places"] for r in rows}


@pytest.mark.rule("Q03")
async def test_a_move_is_one_transaction_with_both_events_and_a_move_back_undoes_it(ground: Ground) -> None:
    await ground.quota(20)
    before = len(await ground.events("training.quota.v1"))
    assert (await move(ground, 6))["taker"] == 6
    assert await places(ground) == {"410100": 20, "410183": 20, SCHOOL: 14, OTHER: 6}
    told = (await ground.events("training.quota.v1"))[before:]
    assert {(e["places"], e["ce_streamversion"], e["ce_policyversion"]) for e in told} == {
        (14, "2", "henan-2021@1"),
        (6, "1", "henan-2021@1"),
    }
    await move(ground, 6, OTHER, SCHOOL)
    assert await places(ground) == {"410100": 20, "410183": 20, SCHOOL: 20, OTHER: 0}
    async with ground.db.read(ground.as_(*COUNTY)) as con:
        programme = await ground.programme(con)
        moves = await store.moves(con, programme.programme_id, COHORT, ground.units["410183"].unit_id)
    assert [(m["giver"], m["taker"], m["places"]) for m in moves] in ([(OTHER, SCHOOL, 6), (SCHOOL, OTHER, 6)], [(SCHOOL, OTHER, 6), (OTHER, SCHOOL, 6)])  # fmt: skip


async def test_what_is_selected_stays_with_its_unit_and_the_numbers_are_told(ground: Ground) -> None:
    await ground.quota(20)
    await ground.select(await ground.people(15))
    problem = await refused(move(ground, 6))
    assert (problem.status, problem.code) == (422, "quota-not-passed")
    assert problem.errors[0]["numbers"] == {"asked": 6, "places": 20, "bound": 15, "free": 5}
    assert problem.errors[0]["zh"] == "示例乡中心小学有20个名额，其中15个已选送或已下达，要调出6个，最多可调5个。"
    assert (await move(ground, 5))["giver"] == 15


async def test_selecting_and_moving_at_once_never_leave_a_cell_overfull(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(20)
    works = [*[move(ground, 3) for _ in range(6)], *[ground.select(people[i : i + 4]) for i in range(0, 20, 4)]]
    await asyncio.gather(*works, return_exceptions=True)
    async with ground.db.system() as con:
        programme = await ground.programme(con)
        found = await cells.cells_under(con, programme.programme_id, COHORT, ground.units["410183"].path)
    below = [c for c in found if c.unit_id != ground.units["410183"].unit_id]
    assert sum(c.places for c in below) == 20
    assert all(c.selected <= c.places for c in below)
    assert sum(c.selected for c in below) > 0


async def test_opposite_moves_at_once_wait_for_each_other(ground: Ground) -> None:
    await ground.quota(20)
    await move(ground, 10)
    works = [move(ground, 1) if i % 2 else move(ground, 1, OTHER, SCHOOL) for i in range(10)]
    assert all(isinstance(a, dict) for a in await asyncio.gather(*works))
    now = await places(ground)
    assert (now[SCHOOL], now[OTHER]) == (10, 10)


async def test_the_superior_moves_and_only_between_its_own(ground: Ground) -> None:
    await ground.quota(20)
    for who in (("school", SCHOOL), ("county", "410182"), ("city", "410200")):
        assert (await refused(move(ground, 1, who=who))).code == "out-of-scope"
    assert (await refused(move(ground, 1, SCHOOL, "410183", ("city", "410100")))).code == "not-siblings"
    assert (await refused(move(ground, 1, SCHOOL, SCHOOL))).code == "not-siblings"
    assert (await refused(move(ground, 1, OTHER, SCHOOL))).code == "no-quota-of-unit"
    assert (await refused(move(ground, 1, SCHOOL, "999999"))).code == "unit-unknown"
    assert (await move(ground, 1, who=("city", "410100")))["places"] == 1


async def test_the_issuer_moves_between_units_of_the_first_level(ground: Ground) -> None:
    async with ground.db.write() as con:
        unit = ground.units["410200"]
        await con.execute("insert into unit_contact (unit_id, unit_path, name, phone, updated_at) values ($1, $2, 'x', '1', now())", unit.unit_id, unit.path)  # fmt: skip
    done = await asyncio.gather(*[move(ground, 4, "410100", "410200", ("province", "410000")) for _ in range(2)])
    assert sorted(d["taker"] for d in done) == [4, 8]
    assert await places(ground) == {"410100": 12, "410200": 8}
    assert (await refused(move(ground, 1, "410100", "410200", ("city", "410100")))).code == "out-of-scope"


async def test_a_year_without_the_rule_moves_nothing(ground: Ground) -> None:
    async with ground.db.write() as con:
        await con.execute("update programme set policy = jsonb_set(policy::jsonb, '{quota,transfers}', 'null'), sha256 = 'x' where key = $1", KEY)  # fmt: skip
    await ground.quota(20)
    assert (await refused(move(ground, 1))).code == "transfers-impossible"


@pytest.mark.rule("D07")
async def test_places_move_until_selection_closes(ground: Ground) -> None:
    await ground.quota(20)
    await move(ground, 1, now=at(7, 30, 23, 59, 59))
    assert (await refused(move(ground, 1, now=at(7, 31, 0)))).code == "selection-closed"


async def test_who_reads_sees_the_units_right_below_with_all_that_is_selected_there(ground: Ground) -> None:
    await ground.quota(20)
    await ground.select(await ground.people(7))
    day = at(7, 20).date()
    async with ground.db.read(ground.as_("city", "410100")) as con:
        programme = await ground.programme(con)
        parts = {p.code: p for p in await cells.parts(con, programme.programme_id, COHORT, ground.units["410100"], day)}
        (given,) = await cells.given(con, ground.units["410100"])
    assert (parts["410183"].places, parts["410183"].passed, parts["410183"].selected) == (20, 20, 7)
    assert (parts["410182"].places, parts["410182"].contact) == (0, False)
    assert (given.places, given.passed, given.selected) == (20, 20, 7)
    async with ground.db.read(ground.as_("province", "410000")) as con:
        (whole,) = await cells.given(con, ground.units["410000"])
    assert (whole.places, whole.passed, whole.selected) == (20, 20, 7)
