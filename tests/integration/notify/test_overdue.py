"""The overdue list: who owes what, since when, when they were reminded, as far as the reader's scope reaches."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from services.notify.overdue.service import Overdue, as_json, overdue
from shared.auth import Grant, Principal
from shared.problems import Problem
from tests.integration.notify.ground import (
    Ground,
    allotted,
    at,
    commissioned,
    handed_in,
    opened,
    scheduled,
    selected,
)

PROVINCE = Principal("p", "p", (Grant("province", "410000", "h", "/h/"),))
COUNTY = Principal("x", "x", (Grant("county", "410183", "x", "/h/z/x/"),))
INSTITUTION = Principal("i", "i", (Grant("institution", "inst-001", "i", "/h/i/"),))
STRANGER = Principal("o", "o", (Grant("county", "410184", "w", "/h/z/w/"),))


async def listed(laid: Ground, now: datetime, who: Principal = PROVINCE) -> Overdue:
    async with laid.db.read(who) as con:
        found = await overdue(con, "henan-2021", now)
    assert found
    return found


def owes(found: Overdue) -> list[tuple[str, str, str, int, int]]:
    return [(d.owner_id, d.what, ",".join(d.documents), d.missing, d.days) for d in found.debts]


@pytest.mark.rule("Q04", "D07")
async def test_bureaus_stand_on_the_list_from_the_second_after_the_deadline_each_place_once(bare: Ground) -> None:
    """A county has 30 places, passed 20 and 5 down, keeps 5; 12 of the 20 are filled."""
    await bare.tell(at(7, 17), allotted(30, "x"), under(20, "s"), under(5, "y"))
    await bare.tell(at(7, 20), *[selected(i) for i in range(12)])
    for instant in (at(7, 23), at(7, 27), at(7, 29), at(7, 30)):
        await bare.send(instant)
    assert owes(await listed(bare, at(7, 30, 23, 59))) == []
    late = at(7, 31, 0, 0)
    assert sorted(owes(await listed(bare, late))) == [("s", "places", "", 8, 1), ("x", "places", "", 5, 1), ("y", "places", "", 5, 1)]  # fmt: skip
    (school,) = [d for d in (await listed(bare, late)).debts if d.owner_id == "s"]
    assert school.reminded
    assert (school.reminded.times, school.reminded.last, school.due_at) == (
        4,
        at(7, 30),
        at(7, 30, 23, 59).replace(second=59),
    )
    assert owes(await listed(bare, late, STRANGER)) == []
    assert len((await listed(bare, late, COUNTY)).debts) == 3


@pytest.mark.rule("D03", "D04", "D05")
async def test_institutions_stand_there_with_each_thing_that_they_owe(bare: Ground) -> None:
    await bare.tell(at(7, 18), commissioned(), commissioned("backbone"))
    for instant in (at(7, 29), at(8, 5), at(8, 9)):
        await bare.send(instant)
    await bare.tell(at(8, 9, 10), scheduled(), opened())
    found = await listed(bare, at(8, 20), INSTITUTION)
    assert owes(found) == [
        ("i", "papers", "application", 1, 21), ("i", "papers", "application", 1, 21), ("i", "date", "", 1, 10),
        ("i", "papers", "checkin-notice", 1, 7), ("i", "papers", "timetable", 1, 2)]  # fmt: skip
    date = found.debts[2]
    assert (date.project, date.class_id, date.reminded and date.reminded.times) == ("backbone", None, 2)
    await bare.tell(
        at(8, 20), handed_in("checkin-notice", at(8, 20), on_time=False), handed_in("application", at(8, 20), None)
    )
    assert [d for _, _, d, _, _ in owes(await listed(bare, at(8, 20)))] == ["application", "", "timetable"]


@pytest.mark.rule("D10", "D11")
async def test_reports_and_bulletins_are_listed_with_how_many_are_missing(bare: Ground) -> None:
    await bare.tell(at(8, 2), commissioned(), scheduled(), opened(), handed_in("application", at(7, 20), None))
    await bare.tell(at(8, 5), handed_in("checkin-notice", at(8, 5)), handed_in("timetable", at(8, 5)))
    await bare.tell(at(8, 25), handed_in("bulletin", at(8, 25), None))
    await bare.tell(at(9, 30), handed_in("publicity", at(9, 30), None))
    assert owes(await listed(bare, at(9, 3))) == [("i", "bulletins", "bulletin", 1, 1)]
    assert owes(await listed(bare, at(10, 7))) == [
        ("i", "bulletins", "bulletin", 2, 31), ("i", "papers", "self-evaluation,action-research", 2, 1)]  # fmt: skip
    said: dict[str, Any] = as_json(await listed(bare, at(10, 7)), at(10, 7))
    assert (said["total"], said["debts"][0]["owner"]["zh"]) == (2, "示例师范大学")


async def test_reminders_that_became_one_are_one(bare: Ground) -> None:
    """Known on 28 July only: the reminder of a week before is within the one that goes out at once."""
    await bare.tell(at(7, 28, 15), allotted(2, "s"))
    await bare.send(at(7, 28, 15))
    (debt,) = (await listed(bare, at(7, 31))).debts
    assert (debt.missing, debt.reminded and debt.reminded.times) == (2, 1)


async def test_a_year_that_nobody_knows_is_refused(bare: Ground) -> None:
    async with bare.db.read(PROVINCE) as con:
        with pytest.raises(Problem) as refused:
            await overdue(con, "henan-1921", at(8, 1))
        assert await overdue(con, None, at(8, 1)) is not None
    assert refused.value.code == "year-unknown"


def under(places: int, unit: str) -> Any:
    return replace(allotted(places, unit), parent_cell_id="q-x-rural-teacher")
