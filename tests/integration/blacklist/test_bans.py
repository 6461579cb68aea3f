"""From the check-in desk to the ban and back, through all four services, under the two years as they were published."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from services.blacklist.entries import service
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.entries.domain.overriding import Ask
from services.blacklist.record.store import record_of
from services.enrolment.checkin.domain import make_token
from services.enrolment.classes.store import Staff
from shared.policy.lookup import in_person_days
from shared.problems import Problem
from tests.integration.blacklist.round import Round, closed_class, joined
from tests.integration.enrolment.classroom import CODES, Classroom
from tests.integration.enrolment.ground import CIVIL, at, policy
from tests.support.databases import NewDatabase

CLOSED, TOLD = at(8, 27, 18), at(8, 28)
UNTIL, DECIDED = at(9, 12, 23, 59, 59), at(9, 28)


def later(month: int, day: int, year: int = 2022) -> datetime:
    return datetime(year, month, day, 9, tzinfo=CIVIL)


@pytest_asyncio.fixture
async def here(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Round]:
    async with joined(new_database, tmp_path) as made:
        yield made


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


@pytest.mark.rule("L13")
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


@pytest.mark.rule("L10", "L14")
async def test_a_quashed_ban_gives_everything_back_and_tells_the_same_people(here: Round) -> None:
    """The place of the next year fell to the ban; it comes back, with its reminders and its figures."""
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.publish("henan-2022", later(7, 1))
    who = room.people[1]
    assert await here.select("henan-2022", "rural-follow-up-teacher", [who], later(7, 10)) == {who: []}
    held = "place where policy_key = 'henan-2022' and revoked_at is null"
    await here.banned(room.places[1], later(7, 20))
    assert await here.ground.count(held) == 0
    await here.send(later(7, 20))
    told = await here.recipients("proposed") | await here.recipients("confirmed")
    assert await here.select("henan-2022", "rural-follow-up-teacher", [who], later(7, 21)) == {who: ["banned"]}
    await here.decide(service.quash, room.places[1], "li", later(7, 22))
    assert await here.ground.count(held) == 1
    assert await here.ground.count("standing_range") == 0
    async with here.notify.db.system() as con:
        assert await con.fetchval("select count(*) from place where revoked_at is not null") == 0
    await here.send(later(7, 22))
    assert await here.recipients("quashed") == told - {*room.people[2:]}


@pytest.mark.rule("L10", "Q04")
async def test_a_place_that_somebody_else_was_given_meanwhile_is_not_given_twice(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.publish("henan-2022", later(7, 1))
    first, second = room.people[1], room.people[0]
    await here.select("henan-2022", "rural-follow-up-teacher", [first], later(7, 10))
    await here.banned(room.places[1], later(7, 20))
    assert await here.select("henan-2022", "rural-follow-up-teacher", [second], later(7, 21)) == {second: []}
    await here.decide(service.quash, room.places[1], "li", later(7, 22))
    held = "place where policy_key = 'henan-2022' and revoked_at is null and person_id = $1"
    assert [await here.ground.count(held, p) for p in (first, second)] == [0, 1]


@pytest.mark.rule("L10")
async def test_an_appeal_is_decided_in_time_and_the_decider_is_reminded(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.banned(room.places[1], DECIDED)
    await here.appeal(room, 1, at(10, 5))
    entry = await here.must(room.places[1])
    assert (entry.state, entry.decide_by) == ("confirmed", at(11, 4, 23, 59, 59))
    with pytest.raises(Refused, match="already-appealed"):
        await here.appeal(room, 1, at(10, 6))
    await here.send(at(10, 25))
    assert await here.recipients("appeal") == {here.ground.units["410000"].unit_id}
    await here.decide(service.uphold, room.places[1], "zhao", at(10, 26))
    await here.send(at(10, 26))
    assert "upheld-person" in await here.told(room.people[1])
    with pytest.raises(Refused, match="not-appealed"):
        await here.decide(service.uphold, room.places[1], "zhao", at(10, 27))
    await here.send(at(11, 4))
    assert len(await here.notify.rows("template = 'appeal-unit' and state in ('accepted', 'delivered')")) <= 2


@pytest.mark.rule("L10")
async def test_a_lifted_ban_ends_that_day_and_stays_history(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.banned(room.places[1], DECIDED)
    await here.decide(service.lift, room.places[1], "zhao", later(6, 1))
    entry = await here.must(room.places[1])
    assert (entry.state, entry.ranges[0].ends_before) == ("lifted", date(2022, 6, 1))
    await here.publish("henan-2022", later(7, 1))
    who = room.people[1]
    assert await here.select("henan-2022", "rural-follow-up-teacher", [who], later(7, 10)) == {who: []}
    async with here.dbs["blacklist"].system() as con:
        was = await service.standing(con, who, "province", ["in_person"], date(2022, 5, 31))
    assert was["barred"]
    with pytest.raises(Refused, match="not-in-force"):
        await here.decide(service.lift, room.places[1], "zhao", later(6, 2))


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
