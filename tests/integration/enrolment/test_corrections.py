"""Corrections after closing, on a real database: what is written, who may, and what a second hand at the same time finds."""

import asyncio
from typing import Any

import pytest

from shared.problems import Problem
from tests.integration.enrolment.ground import Ground, at
from tests.integration.enrolment.test_checkin import opened, refused


@pytest.mark.rule("L02", "C10")
async def test_a_no_show_by_mistake_becomes_checked_in_with_a_reason_that_stays_here(ground: Ground) -> None:
    room = await opened(ground, 2)
    await room.arrive(await room.code(room.places[0]))
    await room.close()
    stranger = await refused(room.correct(room.places[1], "不是我的班", at(8, 28), who=ground.as_("city", "410100")))
    assert stranger.code == "out-of-scope"
    done = await room.correct(room.places[1], "签到表上有签名（合成）", at(8, 28))
    assert done["status"] == "checked_in"
    told = (await ground.events("training.place.v1"))[-2:]
    assert [(e["ce_type"], e["ce_streamversion"]) for e in told] == [
        ("training.trainee.dropout_withdrawn.v1", "5"), ("training.trainee.checked_in.v1", "6")]  # fmt: skip
    assert (told[0]["cause"], told[0]["why"], told[1]["method"]) == ("no_show", "attendance_corrected", "correction")
    kept = await ground.count("statement where kind = 'correction' and statement_id = $1", told[0]["evidence"][0])
    assert (kept, "签名" in str(told)) == (1, False)
    assert (await refused(room.correct(room.places[1], "再来", at(8, 28)))).code == "nothing-to-correct"
    undecided = await refused(room.complete(room.places[:1]))
    assert (undecided.code, undecided.details) == ("completion-undecided", {"undecided": 1})


async def test_a_correction_and_an_accepted_reason_at_once_leave_one_of_them(ground: Ground) -> None:
    room = await opened(ground, 1)
    await room.close()
    place_id, now = room.places[0], at(8, 28)

    async def excuse() -> dict[str, Any]:
        return await room.excuse(place_id, "illness", ["medical_certificate"], now=now)

    done = await asyncio.gather(room.correct(place_id, "签到表上有签名", now), excuse(), return_exceptions=True)
    refusals = [d.code for d in done if isinstance(d, Problem)]
    assert refusals in (["nothing-to-correct"], ["already-checked-in"])
    assert (
        await ground.count("place where dropout_cause is null and (checked_in_at is null) <> (excused_at is null)") == 1
    )
