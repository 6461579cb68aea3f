"""Units, programmes and quota on a real PostgreSQL."""

import asyncio

import pytest

from services.enrolment.programmes import service as programmes
from services.enrolment.quota.service import overview
from services.enrolment.units.service import import_units
from shared.policy import load_units
from shared.problems import PASSING, Problem
from tests.integration.enrolment.ground import (
    COHORT,
    KEY,
    POLICIES,
    SCHOOL,
    TEXTS,
    Ground,
    at,
    context,
    publish,
    units_file,
)


async def test_units_are_taken_once_and_known_to_all_by_events(ground: Ground) -> None:
    file = units_file()
    async with ground.db.write() as con:
        again = await import_units(con, context(), ground.as_("province", "410000"), file, TEXTS)
    assert again == {"units": len(file.units), "changed": 0}
    events = await ground.events("training.unit.v1")
    assert len(events) == len(file.units)
    assert {e["ce_streamversion"] for e in events} == {"1"}
    assert "联系" not in str(events)


async def test_a_city_does_not_import_for_the_province(ground: Ground) -> None:
    file = load_units((POLICIES / "units-henan.yaml").read_text("utf-8").replace("新密市", "新密县"))
    async with ground.db.write() as con:
        with pytest.raises(Problem) as problem:
            await import_units(con, context(), ground.as_("city", "410200"), file, TEXTS)
    assert problem.value.code == "out-of-scope"


async def test_publishing_carries_the_policy_and_hands_the_first_level_its_places(ground: Ground) -> None:
    (published,) = await ground.events("training.programme.v1")
    assert published["policy"]["policy"]["key"] == KEY
    assert (published["ce_type"], published["ce_policyversion"]) == ("training.programme.published.v1", "henan-2021@1")
    (cell,) = await ground.events("training.quota.v1")
    assert (cell["places"], cell["parent_cell_id"], cell["synthetic"]) == (20, None, True)
    assert cell["unit_id"] == ground.units["410100"].unit_id


@pytest.mark.rule("A10")
async def test_a_unit_with_quota_and_without_contact_blocks_publishing_loudly(ground: Ground) -> None:
    async with ground.db.write() as con:
        await con.execute("delete from unit_contact where unit_id = $1", ground.units["410100"].unit_id)
    with pytest.raises(Problem) as problem:
        await publish(ground, "henan-2022")
    assert (problem.value.status, problem.value.code) == (409, "publish-blocked")
    assert [e["unit"] for e in problem.value.errors] == ["410100"]
    assert "郑州市" in problem.value.errors[0]["zh"]


async def test_a_year_is_published_once(ground: Ground) -> None:
    async with ground.db.write() as con:
        with pytest.raises(Problem) as problem:
            await programmes.publish(con, context(), ground.as_("province", "410000"), KEY, TEXTS)
    assert problem.value.code == "programme-published"


@pytest.mark.rule("Q03")
async def test_quota_goes_down_to_the_school_and_stops_at_its_sum(ground: Ground) -> None:
    await ground.quota(20)
    with pytest.raises(Problem) as problem:
        await ground.pass_down("410183", {"410183-s002": 3})
    assert problem.value.errors[0]["numbers"] == {"given": 23, "places": 20, "over": 3, "selected": 0}
    assert problem.value.errors[0]["zh"] == "新密市：下级合计23人，超过本级名额20人，请减少3人。"
    assert problem.value.errors[0]["en"] == "Xinmi: 23 given out, quota is 20; take away 3."
    async with ground.db.read(ground.as_("county", "410183")) as con:
        cells = {c.unit_path: c for c in await overview(con, ground.as_("county", "410183"), KEY, COHORT, None)}
    assert {(c.places, c.passed, c.selected) for c in cells.values()} == {(20, 20, 0), (20, 0, 0)}


async def test_quota_is_not_taken_below_what_is_selected(ground: Ground) -> None:
    await ground.quota(20)
    await ground.select(await ground.people(15))
    with pytest.raises(Problem) as problem:
        await ground.pass_down("410183", {SCHOOL: 14})
    assert problem.value.errors[0]["numbers"] == {"places": 14, "selected": 15}
    assert (await ground.pass_down("410183", {SCHOOL: 15}))["passed_to"] == 1
    versions = [e["ce_streamversion"] for e in await ground.events("training.quota.v1") if e["places"] in {15, 20}]
    assert versions == ["1", "1", "1", "2"]


@pytest.mark.rule("D07")
async def test_quota_goes_down_until_selection_closes(ground: Ground) -> None:
    await ground.pass_down("410100", {"410183": 20}, at(7, 30, 23, 59, 59))
    with pytest.raises(Problem) as problem:
        await ground.pass_down("410183", {SCHOOL: 20}, at(7, 31, 0))
    assert problem.value.code == "selection-closed"


async def test_only_units_right_below_get_quota_from_a_unit_in_reach(ground: Ground) -> None:
    with pytest.raises(Problem) as problem:
        await ground.pass_down("410100", {SCHOOL: 5})
    assert problem.value.code == "not-a-child"


async def test_two_commands_at_once_never_give_more_than_there_is(ground: Ground) -> None:
    await ground.pass_down("410100", {"410183": 20})
    wishes = [{SCHOOL: 15}, {"410183-s002": 15}] * 5
    answers = await asyncio.gather(*[ground.pass_down("410183", w) for w in wishes], return_exceptions=True)
    assert [a for a in answers if not isinstance(a, (dict, Problem, *PASSING))] == []  # a busy machine may say so
    async with ground.db.system() as con:
        total = await con.fetchval(
            "select sum(c.places) from quota_cell c join unit u using (unit_id) where u.kind = 'school'"
        )
    assert total == 15
