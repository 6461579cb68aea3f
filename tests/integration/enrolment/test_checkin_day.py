import pytest

from shared.problems import Problem
from tests.integration.enrolment.classroom import Classroom
from tests.integration.enrolment.ground import Ground, at


async def opened(ground: Ground, number: int = 5) -> Classroom:
    room = Classroom(ground)
    await room.schedule()
    await room.fill(number)
    await room.staff()
    await room.open()
    return room


async def refused(command: object) -> Problem:
    with pytest.raises(Problem) as caught:
        await command  # type: ignore[misc]
    return caught.value


@pytest.mark.rule("C10", "L02", "L05")
async def test_closing_sorts_everyone_on_the_list_in_exactly_one_way(ground: Ground) -> None:
    room = await opened(ground)
    for place_id in room.places[:3]:
        await room.arrive(await room.code(place_id))
    await room.excuse(room.places[3], "illness", ["medical_certificate"])
    done = await room.close()
    counted = {name: done[name] for name in ("expected", "checked_in", "excused", "absent", "held", "status")}
    assert counted == {
        "expected": 5,
        "checked_in": 3,
        "excused": 1,
        "absent": 1,
        "held": True,
        "status": "checkin_closed",
    }
    told = await ground.events("training.place.v1")
    assert {e["place_id"] for e in told if e["ce_type"] == "training.trainee.expected.v1"} == set(room.places)
    dropouts = [e for e in told if e["ce_type"] == "training.trainee.dropout_recorded.v1"]
    assert [(e["place_id"], e["cause"], e["forms"]) for e in dropouts] == [
        (room.places[4], "no_show", ["in_person", "online"])
    ]
    closed = (await ground.events("training.class.v1"))[-1]
    assert (closed["held"], closed["expected"], closed["checked_in"]) == (True, 5, 3)
    await room.dismiss(room.places[2])
    early = await refused(room.complete(room.places[:2], at(9, 9, 20)))
    assert early.code == "class-not-over"
    left_out = await refused(room.complete(room.places[:1]))
    assert (left_out.code, left_out.details) == ("completion-undecided", {"undecided": 1})
    await room.complete(room.places[:1], None, **{room.places[1]: "缺作业（合成）"})
    assert (await room.types("training.class.v1"))[-1] == "class.ended.v1"
    assert (await room.types("training.place.v1"))[-2:] == ["trainee.completed.v1", "trainee.dropout_recorded.v1"]
