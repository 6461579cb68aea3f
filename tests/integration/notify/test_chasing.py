"""Who owes something is chased until it is there: quota, class dates, notices, timetables, forms, bulletins, reports."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.events import Event
from shared.events.enrolment import ProjectReleased, TraineeCompleted
from tests.integration.notify.ground import (
    Ground,
    allotted,
    at,
    commissioned,
    handed_in,
    moved,
    opened,
    policy_of,
    published,
    scheduled,
    selected,
    units,
)

SECOND = timedelta(seconds=1)


async def chased(laid: Ground, kind: str, to: str) -> list[dict[str, Any]]:
    """The mails of a kind of reminder to an address, in the order in which they came."""
    ids = {r["message_id"] for r in await laid.rows("kind = $1 and channel = 'email'", kind)}
    return [m for m in await laid.received(to=to) if m["message_id"] in ids]


async def through(laid: Ground, *instants: datetime) -> None:
    for instant in instants:
        await laid.send(instant)


OWED: list[tuple[str, str, datetime, list[Event], list[Event]]] = [
    ("checkin-notice-due", "before-1d", at(8, 12), [scheduled()], [handed_in("checkin-notice", at(8, 12))]),
    ("timetable-due", "before-1d", at(8, 17), [scheduled()], [handed_in("timetable", at(8, 17))]),
    ("application", "before-1d", at(7, 29), [commissioned()], [handed_in("application", at(7, 29), None)]),
    ("class-start", "before-1d", at(8, 9), [commissioned()], [scheduled()]),
    ("reports", "before-3d", at(10, 3), [commissioned(), scheduled(), opened()], [
        handed_in("self-evaluation", at(10, 3), None), handed_in("action-research", at(10, 3), None),
        handed_in("publicity", at(10, 3), None)]),
    ("bulletins", "part-1", at(8, 28), [scheduled(), opened()], [handed_in("bulletin", at(8, 28), None)]),
    ("selection", "before-1d", at(7, 29), [allotted(1)], [replace(selected(0), selected_at=at(7, 29))]),
]  # fmt: skip


@pytest.mark.rule("D03", "D10", "D11")
@pytest.mark.parametrize(("kind", "occurrence", "due", "before", "settles"), OWED, ids=[o[0] for o in OWED])
async def test_what_comes_a_second_before_it_is_asked_for_is_not_asked_for(
    bare: Ground, kind: str, occurrence: str, due: datetime, before: list[Event], settles: list[Event]
) -> None:
    await bare.tell(min(due - 8 * SECOND, at(7, 16, 9)), *before)
    await bare.send(due - 60 * SECOND)
    await bare.tell(due - SECOND, *settles)
    sent = len(await chased(bare, kind, owner_of(kind)))
    await bare.send(due)
    assert len(await chased(bare, kind, owner_of(kind))) == sent
    rows = await bare.rows("kind = $1 and occurrence = $2 and recipient_kind <> 'staff'", kind, occurrence)
    assert {(r["state"], r["due_at"]) for r in rows if r["channel"] == "email"} == {("not_needed", due)}


@pytest.mark.rule("D04", "D05", "D01")
@pytest.mark.parametrize(("kind", "occurrence", "due", "before", "settles"), OWED, ids=[o[0] for o in OWED])
async def test_what_comes_a_second_after_was_asked_for_once(
    bare: Ground, kind: str, occurrence: str, due: datetime, before: list[Event], settles: list[Event]
) -> None:
    await bare.tell(min(due - 8 * SECOND, at(7, 16, 9)), *before)
    await bare.send(due - 60 * SECOND)
    sent = len(await chased(bare, kind, owner_of(kind)))
    await bare.send(due)
    await bare.tell(due + SECOND, *settles)
    await through(bare, due + SECOND, due + timedelta(days=2))
    assert len(await chased(bare, kind, owner_of(kind))) == sent + 1
    rows = await bare.rows("kind = $1 and channel = 'email' and occurrence = $2", kind, occurrence)
    assert [r["state"] for r in rows if r["recipient_id"] == owner_of(kind)[0]] == ["accepted"]
    left = await bare.states(f"kind = '{kind}' and channel = 'email' and recipient_kind = 'unit'")
    assert left.get("planned", 0) == (2 if kind == "bulletins" else 0)  # two more bulletins are owed by then


@pytest.mark.rule("Q04", "D07", "A10")
async def test_bureaus_with_places_left_are_chased_in_one_message_and_the_one_above_reads_whose_they_are(
    bare: Ground,
) -> None:
    await bare.tell(
        at(7, 17),
        allotted(20, "s"),
        allotted(10, "y"),
        allotted(3, "s", cohort="local-trainer", project="trainers-local"),
    )
    await bare.tell(at(7, 20), *[selected(i) for i in range(5)])
    await through(bare, at(7, 23), at(7, 27), at(7, 29), at(7, 30))
    school, county = [await chased(bare, "selection", f"{u}@example.invalid") for u in ("s", "x")]
    assert [m["subject"] for m in school] == ["【共差18人】7月30日遴选截止"] * 4
    assert "乡村教师素质提升培训  名额20，已选送5，差15人" in school[-1]["text"]
    assert "市县级教师培训机构骨干教师培育  名额3，已选送0，差3人" in school[-1]["text"]
    (above,) = county
    assert above["subject"] == "【下级单位共差28人】7月30日遴选截止"
    assert "示例乡中心小学  乡村教师素质提升培训：名额20，已选送5，差15人" in above["text"]
    assert "样本镇中学  乡村教师素质提升培训：名额10，已选送0，差10人" in above["text"]
    await bare.send(at(7, 31))
    assert len(await chased(bare, "selection", "s@example.invalid")) == 4


@pytest.mark.rule("D03", "D01")
async def test_only_who_carries_a_project_is_asked_for_its_form_and_its_date(bare: Ground) -> None:
    await bare.tell(at(7, 18), commissioned())
    await through(bare, at(7, 23), at(8, 5), at(8, 9), at(8, 11), at(8, 13))
    assert {m["subject"] for m in await chased(bare, "class-start", "i@example.invalid")} == {
        "【还有5天】请报送乡村教师素质提升培训开班时间", "【还有1天】请报送乡村教师素质提升培训开班时间",
        "【逾期1天】请报送乡村教师素质提升培训开班时间"}  # fmt: skip
    (office,) = await chased(bare, "class-start", "office@example.invalid")
    assert office["subject"] == "【逾期3天】示例师范大学没有报送开班时间"
    assert office["text"].startswith("省培项目执行办公室：")
    assert len(await bare.rows("kind = 'class-start' and recipient_id not in ('i', 'project-office')")) == 0


async def test_who_carries_a_project_no_more_owes_nothing_for_it(bare: Ground) -> None:
    await bare.tell(at(7, 18), commissioned())
    await bare.tell(at(7, 20), released(at(7, 20)))
    await through(bare, at(7, 29), at(8, 9), at(8, 13))
    assert not await chased(bare, "class-start", "i@example.invalid")
    assert set(await bare.states("subject_kind = 'duty'")) == {"withdrawn"}


@pytest.mark.rule("D10", "F02", "F03")
async def test_the_three_reports_are_asked_for_by_name_until_the_last_one_is_there(bare: Ground) -> None:
    await bare.tell(at(8, 2), commissioned(), scheduled(), opened())
    await through(bare, at(9, 22))
    await bare.tell(at(9, 30), handed_in("self-evaluation", at(9, 30), None))
    await through(bare, at(10, 3), at(10, 7), at(10, 13))
    first, second, over = await chased(bare, "reports", "i@example.invalid")
    assert "绩效自评报告、行动研究报告、宣传材料汇编" in first["text"]
    assert "绩效自评报告" not in second["text"]
    assert "材料  行动研究报告、宣传材料汇编" in second["text"]
    assert over["subject"] == "【逾期1天】乡村教师素质提升培训：行动研究报告等2份"
    (office,) = await chased(bare, "reports", "office@example.invalid")
    assert office["subject"] == "【逾期7天】示例师范大学：行动研究报告等2份"


@pytest.mark.rule("D10")
async def test_a_class_that_moves_takes_the_reports_along(bare: Ground) -> None:
    await bare.tell(at(8, 2), commissioned(), scheduled(), opened())
    await bare.tell(at(8, 17, 10), moved())
    rows = await bare.rows("kind = 'reports' and channel = 'email' and recipient_id = 'i' and state = 'planned'")
    assert {r["announced"] for r in rows} == {date(2021, 10, 9)}
    assert await bare.states("kind = 'reports' and announced = '2021-10-06'") == {"withdrawn": 8}


@pytest.mark.rule("D11", "F01")
async def test_bulletins_are_asked_for_when_the_time_runs_ahead_of_them(bare: Ground) -> None:
    await bare.tell(at(8, 2), scheduled(), opened())
    await bare.tell(at(8, 25), handed_in("bulletin", at(8, 25), None))
    await through(bare, at(8, 28), at(9, 2), at(9, 6))
    mails = await chased(bare, "bulletins", "i@example.invalid")
    assert [m["subject"] for m in mails] == ["【进度落后】工作简报已交1期，应交3期"] * 2
    assert await bare.states("kind = 'bulletins'") == {"not_needed": 1, "accepted": 2}


@pytest.mark.rule("D15", "D16")
async def test_the_notice_of_a_year_reaches_bureaus_and_institutions_once(first_day: Ground) -> None:
    await first_day.tell(at(7, 16, 9), *units(), commissioned())
    await through(first_day, at(7, 16, 9), at(7, 16, 10), at(7, 18))
    told = [
        m for u in ("z", "x", "i", "s") for m in await chased(first_day, "notice-published", f"{u}@example.invalid")
    ]
    assert sorted(m["to"][0] for m in told) == ["i", "x", "z"]
    assert {m["subject"] for m in told} == {"【通知】2021年义务教育师资薄弱环节改善暨中小学教师素质提升工程"}


@pytest.mark.rule("Q25")
async def test_a_county_is_asked_for_its_plan_for_each_project_until_it_is_there(bare: Ground) -> None:
    """Zhengzhou's year: the county has places in two projects and hands in the plan for one."""
    key, asked = "zhengzhou-2022", at(9, 16).replace(year=2022)
    projects = [p.key for p in policy_of(key).projects[:2]]
    cells = [replace(allotted(4, "x", cohort=p, project=p), programme_id=key, policy_key=key) for p in projects]
    school = replace(allotted(4, "s", cohort=projects[0], project=projects[0]), programme_id=key, policy_key=key)
    await bare.tell(at(7, 17), published(key), *cells, school)
    plan = replace(
        handed_in("use-plan", asked - SECOND, None, project=projects[0], owner="x"), programme_id=key, policy_key=key
    )
    await bare.tell(asked - SECOND, plan)
    await bare.send(asked)
    (mail,) = await chased(bare, "use-plan", "x@example.invalid")
    assert "2022年度选育用评实施方案" in mail["subject"]
    assert policy_of(key).projects[1].names.zh in mail["text"]
    assert not await chased(bare, "use-plan", "s@example.invalid")


@pytest.mark.rule("A09", "D04")
async def test_the_class_teachers_of_an_open_class_hear_on_the_phone_of_what_is_owed_for_it(
    class_of_five: Ground,
) -> None:
    await through(class_of_five, at(8, 8), at(8, 12))
    texts = [m["text"] for m in await class_of_five.received(channel="sms", to="13900099002")]
    assert texts[0] == "【河南省教师培训】郑样本老师：乡村骨干07班的报到通知书8月13日到期，还有5天，请督促上传"
    assert len(texts) == 2


@pytest.mark.rule("C08", "F15")
async def test_trainees_are_told_what_they_hand_in_until_they_have_completed(class_of_five: Ground) -> None:
    await class_of_five.tell(at(8, 30), *[completed(0, at(8, 30))])
    await through(class_of_five, at(9, 3))
    (mail,) = await chased(class_of_five, "results", "t1@example.invalid")
    assert mail["subject"] == "【还有3天】请交示范课：乡村骨干07班"
    assert "按政策属结业材料，请按时交齐" in mail["text"]
    assert "不能结业" not in mail["text"]
    assert not await chased(class_of_five, "results", "t0@example.invalid")


def completed(number: int, when: datetime) -> TraineeCompleted:
    return TraineeCompleted(place_id=f"p{number}", person_id=f"t{number}", class_id="c", completed_at=when)


def released(when: datetime) -> ProjectReleased:
    said = {f: getattr(commissioned(), f) for f in commissioned().__struct_fields__ if f != "commissioned_at"}
    return ProjectReleased(**said, released_at=when, reason="left")


def owner_of(kind: str) -> str:
    return "s@example.invalid" if kind == "selection" else "i@example.invalid"
