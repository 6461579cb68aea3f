"""Bans under Zhengzhou's year of 2022: both plans, any form, in principle."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from services.blacklist.entries import service
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.entries.domain.overriding import Ask
from services.enrolment.classes.store import Staff
from shared.policy.lookup import in_person_days
from shared.problems import Problem
from tests.integration.blacklist.round import Round, later
from tests.integration.enrolment.classroom import Classroom
from tests.integration.enrolment.ground import policy


async def zhengzhou(here: Round) -> Classroom:
    """A class of Zhengzhou's year, told and held: the second came, the first did not."""
    await here.publish("zhengzhou-2022", later(8, 25), places=2)
    people = await here.ground.people(2, first=60)
    picked = await here.select("zhengzhou-2022", "demonstration-teacher", people, later(8, 26))
    assert picked == {p: [] for p in people}
    assert await here.select("zhengzhou-2022", "key-region-teacher", people[:1], later(8, 26)) == {people[0]: []}
    room = await course_of(here, people, "demonstration-teacher", date(2022, 9, 20))
    roles = [s.role for s in policy("zhengzhou-2022")[1].classes.staff]
    await room.staff([Staff(role, f"{role}（合成）", "13900088000") for role in roles])
    await here.flow()
    await room.open(later(9, 1))
    await here.flow()
    await here.send(later(9, 1))
    await room.arrive(await room.code(room.places[1]), later(9, 20))
    await room.close(later(9, 22))
    await here.flow()
    await here.send(later(9, 22))
    return room


async def course_of(here: Round, people: list[str], cohort: str, starts_on: date) -> Classroom:
    """A class of these people's places in a cohort."""
    room = Classroom(here.ground)
    room.people, room.places = people, [await here.place_of(p, cohort) for p in people]
    days = timedelta(days=in_person_days(policy("zhengzhou-2022")[1], cohort) - 1)
    await room.schedule(starts_on, starts_on + days, period=starts_on.day, programme="zhengzhou-2022", cohort=cohort,
                        now=later(8, 29))  # fmt: skip
    await room.assign(room.places)
    return room


@pytest.mark.rule("L07", "P07")
async def test_an_entry_of_2022_bars_national_and_provincial_training_in_any_form(here: Round) -> None:
    """The province decides, though the city issued the year."""
    room = await zhengzhou(here)
    entry = await here.banned(room.places[0], later(10, 20))
    assert (entry.rule.ban.key, entry.ranges[0].plan_levels, entry.ranges[0].forms, entry.ranges[0].force) == (
        "ban-2022", ["national", "province"], [], "in_principle")  # fmt: skip
    async with here.dbs["blacklist"].system() as con:
        asked = [(level, form) for level in ("national", "province", "city") for form in ("in_person", "online")]
        barred = [(await service.standing(con, room.people[0], level, [form], date(2025, 10, 20)))["barred"]
                  for level, form in asked]  # fmt: skip
    assert barred == [True] * 4 + [False] * 2


@pytest.mark.rule("L07", "L12")
async def test_what_holds_in_principle_is_overridden_for_one_year_with_reason_and_evidence(here: Round) -> None:
    """Selected before the ban and without a class so far, the person is barred from a late class until the province says otherwise."""
    room = await zhengzhou(here)
    who = room.people[:1]
    await here.banned(room.places[0], later(10, 20))
    with pytest.raises(Problem, match="banned"):
        await course_of(here, who, "key-region-teacher", date(2022, 11, 7))
    ask = Ask(policy_key="zhengzhou-2022", words="唯一的专任教师（合成）", evidence=[])
    with pytest.raises(Refused, match="override-evidence-missing"):
        await here.override(room.places[0], ask, later(10, 21))
    await here.override(room.places[0], replace(ask, evidence=["unit_statement"]), later(10, 21))
    late = await course_of(here, who, "key-region-teacher", date(2022, 11, 14))
    assert await here.ground.count("place where class_id = $1 and revoked_at is null", late.class_id) == 1
    entry = await here.must(room.places[0])
    assert (entry.state, entry.overridden) == ("confirmed", ("zhengzhou-2022",))
    assert "专任" not in str([e async for e in here.said()])
