"""Documents of both years: who owes what, how often, until when, to whom."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.policy import Policy, UnitsFile, lookup
from shared.policy.amounts import instances
from shared.policy.common import Count

CIVIL = ZoneInfo("Asia/Shanghai")
ENDED = {"project_end": date(2021, 12, 10)}


def end_of(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=CIVIL)


@pytest.mark.rule("F01")
def test_an_institution_owes_three_bulletins_while_the_training_runs(policy: Policy) -> None:
    bulletin = lookup.document(policy, "bulletin")
    assert (bulletin.owed_by, bulletin.per, bulletin.count) == ("institution", "institution", Count(min=3))
    assert lookup.deadline_due(policy, bulletin.due or "", ENDED) == end_of(2021, 12, 10)


@pytest.mark.rule("F02", "F03", "F04")
def test_three_final_documents_are_due_thirty_days_after_the_end(policy: Policy) -> None:
    for key in ("self-evaluation", "action-research", "publicity"):
        document = lookup.document(policy, key)
        assert (document.owed_by, document.per, document.count.min) == ("institution", "project", 1)
        assert lookup.deadline_due(policy, document.due or "", ENDED) == end_of(2022, 1, 9)


@pytest.mark.rule("F05")
def test_course_resources_may_be_handed_in_and_are_never_due(policy: Policy) -> None:
    resource = lookup.document(policy, "course-resource")
    assert (resource.count, resource.due, resource.blocks) == (Count(min=0), None, None)


@pytest.mark.rule("F06", "F07")
def test_teachers_complete_with_a_lesson_case_in_three_parts(policy: Policy) -> None:
    for key, cohort in (("lesson-case", "backbone-teacher"), ("standard-lesson", "new-teacher")):
        case = lookup.document(policy, key)
        assert case.parts == ("teaching_design", "lesson_record", "reflection")
        assert (case.cohorts, case.count, case.blocks) == ((cohort,), Count.of(1), "completion")
    report = lookup.document(policy, "development-report")
    assert (report.cohorts, report.count, report.blocks) == (("backbone-teacher",), Count.of(1), "completion")


@pytest.mark.rule("F08", "F09", "F12")
def test_masters_institutions_and_universities_owe_one_each(policy: Policy) -> None:
    owed = {key: lookup.document(policy, key) for key in ("studio-case", "county-institution-case", "trainer-report")}
    assert {key: (d.owed_by, d.per, d.count) for key, d in owed.items()} == {
        "studio-case": ("mentor", "person", Count.of(1)),
        "county-institution-case": ("institution", "institution", Count.of(1)),
        "trainer-report": ("institution", "institution", Count.of(1)),
    }
    assert owed["studio-case"].cohorts == ("master",)
    assert [d.projects for d in owed.values()] == [(), ("county-system",), ("trainers-province",)]


@pytest.mark.rule("F10")
def test_thirteen_counties_owe_a_report_and_a_plan(policy: Policy, units: UnitsFile) -> None:
    lists = units.known().lists
    assert lists is not None
    for key in ("county-report", "county-plan"):
        document = lookup.document(policy, key)
        assert (document.owed_by, document.per, document.count) == ("unit", "unit", Count.of(1))
        assert len(lists[document.units or ""]) == document.expect_total == 13


@pytest.mark.rule("F11")
def test_each_school_and_studio_owes_a_case_and_a_summary(policy: Policy, units: UnitsFile) -> None:
    for key in ("structure-case", "structure-summary"):
        document = lookup.document(policy, key)
        owners = [instances(lookup.structure(policy, s), units.known()) for s in document.structures]
        assert owners == [4 * 13, 10 * 13]
        assert (document.per, document.count, document.expect_total) == ("structure", Count.of(1), 182)


@pytest.mark.rule("F13", "F14")
def test_trainers_hand_in_one_of_two_or_three_things(policy: Policy) -> None:
    provincial, local = (lookup.document(policy, key) for key in ("trainer-result", "local-trainer-result"))
    assert provincial.any_of == ("lecture", "training_case")
    assert local.any_of == ("lecture", "project_plan", "training_case")
    assert all((d.count, d.blocks) == (Count.of(1), "completion") for d in (provincial, local))
    assert local.assumed


@pytest.mark.rule("F15", "C08")
def test_each_rural_teacher_gives_a_lesson_and_results_take_part_in_completion(policy: Policy) -> None:
    lesson = lookup.document(policy, "demonstration-lesson")
    assert (lesson.cohorts, lesson.per, lesson.count) == (("rural-teacher",), "person", Count.of(1))
    assert policy.participation.completion.needs == ("phases", "documents")
    blocking = {d.key for d in policy.documents if d.blocks == "completion"}
    assert blocking == {d.key for d in policy.documents if d.owed_by == "trainee"}
    assert lookup.deadline(policy, lesson.due or "").due.phase == "last"


@pytest.mark.rule("F16", "Q25")
def test_counties_owe_a_plan_for_each_project_and_may_tell_good_cases(zhengzhou: Policy) -> None:
    plan, case = (lookup.document(zhengzhou, key) for key in ("use-plan", "good-case"))
    assert (plan.owed_by, plan.per, plan.levels, plan.count) == ("unit", "unit_and_project", ("county",), Count.of(1))
    assert lookup.deadline_due(zhengzhou, plan.due or "", {}) == end_of(2022, 9, 30)
    assert (case.tag, case.count, case.due) == ("publicity", Count(min=0), None)


@pytest.mark.rule("P10", "P11")
def test_an_application_is_apart_from_selecting_and_its_form_has_a_place(policy: Policy) -> None:
    application = lookup.document(policy, "application")
    assert (application.owed_by, application.to, application.form_from) == (
        "institution",
        "application-system",
        "teacher-education-site",
    )
    own, selecting = (lookup.deadline(policy, key) for key in (application.due or "", "selection-due"))
    assert (own.act, own.owed_by) == ("hand_in", "institution")
    assert (selecting.act, selecting.owed_by) == ("select", "unit")
    used = {system.key: system.used_for for system in policy.sources.systems}
    assert used == {
        "teacher-education-site": ("selection", "notices", "downloads"),
        "application-system": ("applications",),
    }


@pytest.mark.rule("A02", "D06")
def test_the_project_office_receives_what_institutions_report(policy: Policy) -> None:
    office = lookup.office(policy, "project-office")
    assert (office.role, office.address, office.serves) == ("project_office", "configured", "all")
    for key in ("class-start", "checkin-notice", "timetable"):
        assert lookup.document(policy, key).to == office.key
