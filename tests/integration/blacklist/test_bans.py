"""From the check-in desk to the ban, through all four services, under the years as they were published."""

from datetime import date

import pytest

from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.record.store import record_of
from services.enrolment.checkin.domain import make_token
from shared.problems import Problem
from tests.integration.blacklist.round import CLOSED, DECIDED, TOLD, UNTIL, Round, closed_class, later
from tests.integration.enrolment.classroom import CODES
from tests.integration.enrolment.ground import at


@pytest.mark.rule("L02", "L09", "L10")
async def test_a_no_show_who_was_told_is_proposed_told_heard_and_only_then_banned_by_two_persons(here: Round) -> None:
    room = await closed_class(here, arrives=0)
    assert (await room.arrive(make_token(CODES, room.class_id, room.places[1])))["method"] == "qr"
    assert (await room.by_hand(room.places[2], "手机没电（合成）"))["method"] == "by_hand"
    await room.excuse(room.places[3], "illness", ["medical_certificate"])
    await room.close()
    await here.flow()
    absent = room.places[0]
    entry = await here.must(absent)
    assert (entry.state, entry.complete, entry.reply_until) == ("proposed", True, None)
    assert [await here.entry(p) for p in room.places[1:]] == [None, None, None]
    with pytest.raises(Refused, match="not-told"):
        await here.confirm(absent, "li", DECIDED)
    await here.send(TOLD)
    entry = await here.must(absent)
    assert (entry.state, entry.reply_until) == ("notified", UNTIL)
    with pytest.raises(Refused, match="reply-window-open"):
        await here.confirm(absent, "li", UNTIL)
    assert (await here.confirm(absent, "li", DECIDED))["state"] == "notified"
    assert (await here.banned_by(absent, "wang", DECIDED)).state == "confirmed"
    await here.send(DECIDED)
    assert {"proposed-person", "confirmed-person"} <= set(await here.told(room.people[0]))


@pytest.mark.rule("L02", "Q03")
async def test_a_no_show_whose_receipt_failed_stays_without_evidence_and_cant_be_confirmed(here: Round) -> None:
    room = await closed_class(here, unreached=[3])
    await room.close()
    await here.flow()
    await here.send(TOLD)
    entry = await here.must(room.places[3])
    missing = [e.kind for e in entry.evidence if not e.present]
    assert (entry.state, entry.complete, missing) == ("notified", False, ["notice_delivered"])
    with pytest.raises(Refused, match="evidence-missing") as refused:
        await here.confirm(room.places[3], "li", DECIDED)
    assert refused.value.details == {"missing": ["notice_delivered"]}
    assert (await here.must(room.places[1])).complete


@pytest.mark.rule("L02")
async def test_nobody_is_banned_for_a_class_that_was_not_held_as_announced(here: Round) -> None:
    room = await closed_class(here)
    await room.close(held=False)
    await here.flow()
    await here.send(TOLD)
    with pytest.raises(Refused, match="evidence-missing") as refused:
        await here.confirm(room.places[1], "li", DECIDED)
    assert refused.value.details == {"missing": ["class_held_as_announced"]}


@pytest.mark.rule("L05")
async def test_a_reason_accepted_after_closing_withdraws_the_case_and_tells_who_was_told(here: Round) -> None:
    """The person replies with a certificate; the city accepts it when the class has long been over."""
    room = await closed_class(here, arrives=2)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    absent, entry = room.places[2], await here.must(room.places[2])
    await room.complete(room.places[:2], at(9, 10))
    with pytest.raises(Problem, match="evidence-missing"):
        await room.excuse(absent, "illness", [], now=at(9, 11))
    await room.excuse(absent, "illness", ["medical_certificate"], now=at(9, 11))
    await here.flow()
    entry = await here.must(absent)
    assert (entry.state, entry.quash_reason) == ("quashed", "reason_accepted")
    assert await here.figures() == {"selected": 4, "expected": 4, "checked_in": 2, "excused": 1, "completed": 2}
    before = await here.recipients("proposed")
    await here.send(at(9, 11, 10))
    assert "quashed-person" in await here.told(room.people[2])
    assert (await here.recipients("quashed")) == before - {room.people[3]}
    with pytest.raises(Refused, match="not-open"):
        await here.confirm(absent, "li", DECIDED)


@pytest.mark.rule("L03", "L04")
async def test_a_dismissal_and_a_failure_to_complete_are_cases_with_their_own_evidence(here: Round) -> None:
    room = await closed_class(here, arrives=4)
    await room.close()
    await room.dismiss(room.places[0])
    await room.complete(room.places[2:], at(9, 10), **{room.places[1]: "缺作业（合成）"})
    await here.flow()
    await here.send(at(9, 10, 10))
    dismissed, failed = await here.must(room.places[0]), await here.must(room.places[1])
    assert [(e.cause, e.state, e.complete) for e in (dismissed, failed)] == [
        ("dismissed", "notified", True), ("not_completed", "notified", True)]  # fmt: skip
    assert [[e.kind for e in entry.evidence] for entry in (dismissed, failed)] == [
        ["institution_statement"], ["closing_record"]]  # fmt: skip
    assert (await here.banned(room.places[0], DECIDED)).state == "confirmed"


@pytest.mark.rule("L02")
async def test_a_no_show_by_mistake_is_corrected_after_closing_and_everyone_who_was_told_is_told(here: Round) -> None:
    room = await closed_class(here, arrives=2)
    await room.close()
    await here.flow()
    assert await here.figures() == {"selected": 4, "expected": 4, "checked_in": 2, "excused": 0, "completed": 0}
    await here.send(TOLD)
    told = await here.recipients("proposed")
    assert told == {*room.people[2:], here.ground.units["410183-s001"].unit_id}
    with pytest.raises(Problem, match="correction-reason-missing"):
        await room.correct(room.places[2], " ", at(8, 29))
    await room.correct(room.places[2], "签到表上有本人签名（合成）", at(8, 29))
    await here.flow()
    entry = await here.must(room.places[2])
    assert (entry.state, entry.quash_reason) == ("quashed", "attendance_corrected")
    assert (await here.must(room.places[3])).state == "notified"
    assert await here.figures() == {"selected": 4, "expected": 4, "checked_in": 3, "excused": 0, "completed": 0}
    await here.send(at(8, 29, 10))
    assert await here.recipients("quashed") == told - {room.people[3]}
    await room.complete(room.places[:3], at(9, 10))
    late = at(10, 10)
    with pytest.raises(Problem, match="correction-closed"):
        await room.correct(room.places[3], "太晚了（合成）", late)
    assert "签名" not in str([e async for e in here.said()])


async def test_who_was_never_told_of_a_proposal_hears_nothing_of_its_end(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    assert (await here.must(room.places[1])).state == "proposed"
    await room.correct(room.places[1], "点错了人（合成）", CLOSED)
    await here.flow()
    await here.send(TOLD)
    assert (await here.must(room.places[1])).state == "quashed"
    assert room.people[1] not in await here.recipients("proposed") | await here.recipients("quashed")


@pytest.mark.rule("L06", "L11", "L12")
async def test_an_entry_of_2021_bars_the_provinces_training_in_person_of_2022_and_not_the_nations(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    entry = await here.banned(room.places[1], DECIDED)
    assert (entry.rule.ban.key, entry.ranges[0].starts_on, entry.ranges[0].ends_before) == (
        "ban-2021", date(2021, 9, 28), date(2024, 9, 29))  # fmt: skip
    await here.publish("henan-2022", later(7, 1))
    await here.publish("zhengzhou-2022", later(8, 25))
    who = [room.people[1]]
    assert await here.select("henan-2022", "rural-follow-up-teacher", who, later(7, 10)) == {who[0]: ["banned"]}
    assert "banned" in (await here.select("zhengzhou-2022", "senior-it-teacher", who, later(8, 26)))[who[0]]
    assert await here.select("zhengzhou-2022", "demonstration-teacher", who, later(8, 26)) == {who[0]: []}
    assert await here.select("henan-2022", "rural-follow-up-teacher", [room.people[0]], later(7, 10)) == {
        room.people[0]: []}  # fmt: skip


@pytest.mark.rule("L13")
async def test_who_was_replaced_before_closing_leaves_no_case_and_the_substitute_is_told(here: Round) -> None:
    room = await closed_class(here)
    (other,) = await here.ground.people(1, first=60)
    await room.ask_for(room.places[1], other, at(8, 25))
    done = await room.approve(room.places[1], at(8, 25, 10))
    await here.flow()
    await here.send(at(8, 25, 11))
    assert {"selected-person", "opened-person"} & set(await here.told(other))
    await room.close()
    await here.flow()
    assert (await here.entry(room.places[1]), (await here.must(room.places[2])).state) == (None, "proposed")
    assert (await here.must(done["substitute_place_id"])).person_id == other
    assert await here.figures() == {"selected": 4, "expected": 4, "checked_in": 1, "excused": 0, "completed": 0}
    async with here.dbs["blacklist"].system() as con:
        assert await record_of(con, room.people[1]) == []
