import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from services.enrolment.classes import service as classes
from services.enrolment.classes.domain import Move
from services.enrolment.classes.store import Staff, find_class
from shared.db import Database
from shared.problems import Problem
from tests.integration.enrolment.classroom import END, START, Classroom, ban
from tests.integration.enrolment.ground import Ground, at


async def refused(command: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        await command
    return caught.value


@pytest.mark.rule("D20")
async def test_scheduling_is_the_institutions_and_reports_the_start_date(ground: Ground) -> None:
    room = Classroom(ground)
    stranger = await refused(room.schedule(who=ground.as_("city", "410100")))
    assert (stranger.status, stranger.code) == (404, "out-of-scope")
    done = await room.schedule()
    assert (done["version"], done["status"], done["date_version"]) == (1, "scheduled", 1)
    (event,) = await ground.events("training.class.v1")
    assert (event["ce_type"], event["starts_on"], event["forms"]) == (
        "training.class.scheduled.v1", "2021-08-26", ["in_person", "online"],
    )  # fmt: skip
    assert (event["ce_policyversion"], event["ce_streamversion"]) == ("henan-2021@1", "1")
    assert (await refused(room.schedule())).code == "period-taken"
    assert (await refused(room.schedule(cohort="nobody", period=8))).code == "cohort-unknown"


@pytest.mark.rule("A08", "A09")
async def test_staff_stays_here_and_is_needed_before_opening(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    missing = await refused(room.open())
    assert (missing.code, missing.details["roles"].zh) == ("staff-missing", "首席专家、学科班主任、生活班主任")
    assert (await refused(room.staff([Staff("cook", "厨师（合成）")]))).code == "role-unknown"
    await room.staff()
    assert (await room.open())["status"] == "open"
    assert (await refused(room.staff([]))).code == "staff-missing"
    told = str(await ground.events("training.class.v1"))
    assert "合成" not in told
    assert "13900088000" not in told


async def test_a_chief_expert_serves_every_class_of_the_project(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await room.staff()
    second = Classroom(ground)
    await second.schedule(period=8)
    await second.staff([Staff("subject_class_teacher", "甲（合成）"), Staff("life_class_teacher", "乙（合成）")])
    assert (await second.open())["status"] == "open"


async def test_a_list_is_filled_all_or_none(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await room.fill(3)
    assert len({await room.code(p) for p in room.places}) == 3
    assert await room.types("training.place.v1") == ["trainee.selected.v1"] * 3 + ["trainee.assigned.v1"] * 3
    second = Classroom(ground)
    await second.schedule(date(2021, 10, 8), date(2021, 10, 22), period=8)
    more = await ground.select(await ground.people(1, first=50))
    mixed = [more.events[0].place_id, room.places[0], "unknown"]
    problem = await refused(second.assign(mixed))
    assert [e["code"] for e in problem.errors] == ["place-unknown", "already-assigned"]
    assert await ground.count("place where class_id = $1", second.class_id) == 0
    assert (await second.assign(mixed[:1]))["assigned"] == 1


@pytest.mark.rule("L12")
async def test_a_ban_is_checked_against_the_start_of_the_class_when_the_place_gets_it(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await ground.quota()
    people = await ground.people(2)
    places = [e.place_id for e in (await ground.select(people)).events]
    await ban(ground, people[0], date(2021, 8, 22), date(2021, 8, 27))
    await ban(ground, people[1], date(2021, 8, 22), date(2021, 8, 26))
    problem = await refused(room.assign(places))
    named = {name: problem.details[name] for name in ("entry_id", "last_day", "starts_on")}
    assert (problem.code, named) == (
        "banned", {"entry_id": f"entry-{people[0]}", "last_day": date(2021, 8, 26), "starts_on": START},
    )  # fmt: skip
    assert (await room.assign(places[1:]))["assigned"] == 1
    assert await ground.count("place where class_id is not null") == 1


@pytest.mark.rule("L12")
async def test_a_move_into_a_ban_is_refused(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await room.fill(2)
    await ban(ground, room.people[0], date(2021, 9, 20), date(2021, 9, 26))
    assert (await refused(room.move(at(8, 17), starts_on=date(2021, 9, 25)))).code == "banned"
    assert (await room.move(at(8, 17), starts_on=date(2021, 9, 26)))["date_version"] == 2


@pytest.mark.rule("D16", "D20", "C09")
async def test_a_move_is_told_once_with_the_old_date(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule(date(2021, 8, 23), date(2021, 9, 6))
    await room.fill(2)
    await room.staff()
    await room.open()
    done = await room.move(at(8, 17, 10), starts_on=START)
    assert (done["starts_on"], done["ends_on"], done["version"], done["date_version"]) == (START, END, 3, 2)
    moved = (await ground.events("training.class.v1"))[-1]
    assert (moved["ce_type"], moved["previous_starts_on"], moved["starts_on"], moved["cause"]) == (
        "training.class.rescheduled.v1", "2021-08-23", "2021-08-26", "institution",
    )  # fmt: skip
    assert datetime.fromisoformat(moved["checkin_closes_at"]) == at(8, 27, 18)
    dates = await ground.count("class_date where class_id = $1", room.class_id)
    assert dates == 2


async def test_what_was_looked_at_is_what_is_moved(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await room.staff()
    await room.open()

    async def move(seen: int) -> Any:
        to = Move(cause="institution", starts_on=date(2021, 8, 28))
        return await room.do(lambda act: classes.move(act, room.class_id, to), at(8, 17), seen=seen)

    stale = await refused(move(1))
    assert (stale.status, stale.code, stale.details) == (412, "version-changed", {"seen": 1, "version": 2})
    assert (await move(2))["version"] == 3


@pytest.mark.rule("L13")
async def test_nobody_is_blamed_for_a_cancelled_class_and_its_places_find_another(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await room.fill(2)
    old = await room.code(room.places[0])
    assert (await room.cancel(at(8, 20)))["status"] == "cancelled"
    assert "trainee.dropout_recorded.v1" not in await room.types("training.place.v1")
    assert (await refused(room.close(at(8, 28)))).code == "class-not-open"
    again = Classroom(ground)
    await again.schedule(period=7)
    assert (await again.assign(room.places))["assigned"] == 2
    assert (await again.code(room.places[0]))[:3] == old[:3]
    assert await ground.count("checkin_code where class_id = $1", room.class_id) == 0


async def test_classes_that_ask_at_once_never_share_a_place(ground: Ground) -> None:
    """Six classes ask for the same five places at the same moment: each place gets exactly one class."""
    await ground.quota()
    people = await ground.people(5)
    places = [e.place_id for e in (await ground.select(people)).events]
    rooms = [Classroom(ground) for _ in range(6)]
    for period, room in enumerate(rooms, start=1):
        await room.schedule(period=period)
    results = await asyncio.gather(*[r.assign(places) for r in rooms], return_exceptions=True)
    won = [r for r in results if not isinstance(r, BaseException)]
    lost = [r for r in results if isinstance(r, Problem)]
    assert (len(won), len(lost)) == (1, 5)
    assert await ground.count("place where class_id is not null") == 5
    assert await room_types(ground) == 5


async def room_types(ground: Ground) -> int:
    return sum(e["ce_type"] == "training.trainee.assigned.v1" for e in await ground.events("training.place.v1"))


async def test_a_list_that_grows_while_a_class_moves_is_not_overlooked(ground: Ground) -> None:
    """Assigning and moving at once: whoever is second sees the other's work, or is told that the list changed."""
    room = Classroom(ground)
    await room.schedule()
    await room.fill(3)
    more = [e.place_id for e in (await ground.select(await ground.people(3, first=60))).events]
    await ban(ground, (await holder(ground.db, more[0])), date(2021, 9, 20), date(2021, 9, 26))
    outcomes: list[Any] = await asyncio.gather(
        room.move(at(8, 17), starts_on=date(2021, 9, 25)), room.assign(more), return_exceptions=True
    )
    async with ground.db.system() as con:
        klass = await find_class(con, room.class_id)
    listed = await ground.count("place where class_id = $1", room.class_id)
    assert klass
    assert not (klass.starts_on == date(2021, 9, 25) and listed == 6), outcomes
    assert any(isinstance(outcome, Problem) for outcome in outcomes)


async def holder(db: Database, place_id: str) -> str:
    async with db.system() as con:
        person: str = await con.fetchval("select person_id from place where place_id = $1", place_id)
    return person
