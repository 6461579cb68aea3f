import hashlib
from datetime import date
from typing import Any

import pytest

from services.enrolment.classes.store import find_class
from services.enrolment.documents.domain import MAX_BYTES
from services.enrolment.documents.service import obligations, readable
from shared.auth import Grant, Principal
from shared.files import FILES
from shared.problems import Problem
from tests.integration.enrolment.classroom import PDF, Classroom
from tests.integration.enrolment.ground import Ground, at, policy


async def refused(command: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        await command
    return caught.value


async def standing(room: Classroom, key: str, now: Any) -> Any:
    async with room.ground.db.system() as con:
        klass = await find_class(con, room.class_id)
        assert klass
        owed = await obligations(con, policy("henan-2021")[1], klass, now)
    return next(o for o in owed if o.document.key == key)


@pytest.mark.rule("D04")
async def test_a_notice_in_time_is_told_with_its_hash_and_stays_here(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    done = await room.hand_in("checkin-notice", at(8, 16, 23, 59, 59), sealed=True)
    assert (done["on_time"], done["due_at"]) == (True, at(8, 16, 23, 59, 59))
    (event,) = await ground.events("training.document.v1")
    assert (event["ce_type"], event["on_time"], event["class_id"]) == (
        "training.document.submitted.v1",
        True,
        room.class_id,
    )
    assert (event["sha256"], event["size"]) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    async with ground.db.system() as con:
        assert await FILES.read(con, event["file_id"]) == PDF
        described = await FILES.describe(con, event["file_id"])
    assert described
    assert (described.name, described.media_type) == ("通知.pdf", "application/pdf")


@pytest.mark.rule("D04")
async def test_a_late_notice_is_taken_and_late_for_ever(ground: Ground) -> None:
    """A second late; the class moves so that it would have been in time; a new version comes: it stays late."""
    room = Classroom(ground)
    await room.schedule()
    late = await room.hand_in("checkin-notice", at(8, 17, 0), sealed=True)
    assert (late["on_time"], late["version"]) == (False, 1)
    await room.move(at(8, 18), starts_on=date(2021, 9, 20))
    assert (await standing(room, "checkin-notice", at(8, 18))).due == at(9, 10, 23, 59, 59)
    new = await room.hand_in("checkin-notice", at(8, 19), sealed=True, content=PDF + b"2")
    assert (new["document_id"], new["version"], new["on_time"]) == (late["document_id"], 2, False)
    assert [e["on_time"] for e in await ground.events("training.document.v1")] == [False, False]
    assert (await standing(room, "checkin-notice", at(8, 20))).standing == "late"


async def test_a_notice_in_time_stays_so_when_the_class_moves_nearer(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule(date(2021, 9, 20), date(2021, 10, 4))
    await room.hand_in("checkin-notice", at(8, 30), sealed=True)
    await room.move(at(8, 31), starts_on=date(2021, 9, 2))
    found = await standing(room, "checkin-notice", at(8, 31))
    assert (found.due, found.was_due, found.standing) == (at(8, 23, 23, 59, 59), at(9, 10, 23, 59, 59), "on_time")


@pytest.mark.rule("D05", "D10", "D03")
async def test_due_dates_follow_the_class_and_the_projects_last_one(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    assert (await standing(room, "timetable", at(8, 2))).due == at(8, 21, 23, 59, 59)
    assert (await standing(room, "self-evaluation", at(8, 2))).due == at(10, 9, 23, 59, 59)
    start = await standing(room, "class-start", at(8, 2))
    assert (start.due, start.standing) == (at(8, 10, 23, 59, 59), "on_time")
    later = Classroom(ground)
    await later.schedule(date(2021, 11, 26), date(2021, 12, 10), period=8, now=at(8, 11))
    assert (await standing(room, "self-evaluation", at(8, 2))).due == at(1, 9, 23, 59, 59).replace(year=2022)
    assert (await standing(later, "class-start", at(8, 11))).standing == "late"


@pytest.mark.rule("D02")
async def test_what_is_no_sealed_pdf_of_twenty_megabytes_is_refused(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    wrong = {
        "document-wrong-kind": room.hand_in("application", at(8, 3), name="申报书.docx", sealed=True),
        "document-not-what-it-says": room.hand_in("application", at(8, 3), content=b"PK\x03\x04", sealed=True),
        "document-too-large": room.hand_in("application", at(8, 3), size=MAX_BYTES + 1, sealed=True),
        "seal-not-confirmed": room.hand_in("application", at(8, 3)),
    }
    for code, command in wrong.items():
        problem = await refused(command)
        assert (problem.status, problem.code) == (422, code)
    assert (await refused(room.hand_in("recipe", at(8, 3)))).code == "document-not-owed"
    assert (await refused(room.hand_in("class-start", at(8, 3)))).code == "document-not-owed"
    assert await ground.count("file") == 0


@pytest.mark.rule("D11")
async def test_bulletins_add_up_and_belong_to_the_project(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    for _ in range(3):
        await room.hand_in("bulletin", at(9, 1))
    found = await standing(room, "bulletin", at(9, 1))
    assert (len(found.handed_in), found.standing) == (3, "on_time")
    events = await ground.events("training.document.v1")
    assert {e["class_id"] for e in events} == {None}
    assert len({e["document_id"] for e in events}) == 3


async def test_a_file_is_read_by_those_whom_the_class_concerns(ground: Ground) -> None:
    room = Classroom(ground)
    await room.schedule()
    await room.fill(1)
    notice = (await room.hand_in("checkin-notice", at(8, 5), sealed=True))["document_id"]
    report = (await room.hand_in("self-evaluation", at(9, 20)))["document_id"]

    async def may(who: Principal, document_id: str) -> bool:
        async with ground.db.read(who) as con:
            try:
                return bool(await readable(con, who, document_id))
            except Problem:
                return False

    teacher = Principal("t", "t", (Grant("teacher", person_id=room.people[0]),))
    readers = [
        ground.as_("institution", "inst-001"),
        ground.as_("province", "410000"),
        ground.as_("county", "410183"),
        teacher,
    ]
    assert [await may(who, notice) for who in readers] == [True, True, True, True]
    assert [await may(who, report) for who in readers] == [True, True, False, False]
    assert not await may(ground.as_("city", "410200"), notice)
