"""The five projects of Henan 2021: days, hours, years, forms, conditions."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.policy import Policy, lookup
from shared.policy.eligibility import (
    AgeAtMost,
    Attested,
    EmployerOnList,
    OnList,
    RoleIn,
    TitleAtLeast,
    UnitOnList,
    YearsAtLeast,
)

CIVIL = ZoneInfo("Asia/Shanghai")


def amounts(policy: Policy, cohort: str) -> list[tuple[str, int, str]]:
    """Form, amount and unit of each phase."""
    return [(p.form, p.amount.value, p.amount.unit) for p in lookup.cohort(policy, cohort).phases]


@pytest.mark.rule("P01")
def test_the_year_has_five_projects_in_one_provincial_group(policy: Policy) -> None:
    projects = {"backbone", "county-system", "trainers-province", "trainers-local", "rural"}
    assert {project.key for project in policy.projects} == projects
    assert lookup.group_of(policy, "backbone").expect_projects == 5
    assert {lookup.plan_level_of(policy, key) for key in projects} == {"province"}
    assert len({project.type for project in policy.projects}) == 5


@pytest.mark.rule("P03", "D19")
def test_only_training_in_person_has_a_check_in(policy: Policy) -> None:
    forms = {form.key: (form.counted_in, form.checkin, form.away) for form in policy.forms}
    assert forms == {
        "in_person": ("days", True, True),
        "online": ("hours", False, False),
        "studio": ("years", False, False),
        "practice": ("years", False, False),
        "one_to_one": ("years", False, False),
    }


@pytest.mark.rule("K01", "K04")
def test_backbone_teachers_have_15_days_60_hours_and_five_modes(policy: Policy) -> None:
    assert amounts(policy, "backbone-teacher") == [
        ("in_person", 15, "days"),
        ("online", 60, "hours"),
        ("studio", 1, "years"),
    ]
    modes = lookup.cohort(policy, "backbone-teacher").phases[0].activities
    assert modes == ("diagnosis", "topic", "shadowing", "return_practice", "workshop")


@pytest.mark.rule("K02")
def test_new_teachers_have_50_hours_and_a_year_of_practice(policy: Policy) -> None:
    assert amounts(policy, "new-teacher") == [("online", 50, "hours"), ("practice", 1, "years")]
    assert lookup.checkin_forms(policy, "new-teacher") == ()


@pytest.mark.rule("K05")
def test_the_backbone_project_names_four_abilities_five_areas_and_four_basics(policy: Policy) -> None:
    tags = {tag.key: tag.names for tag in lookup.project(policy, "backbone").tags}
    assert {key: (len(names.zh), len(names.en)) for key, names in tags.items()} == {
        "abilities": (4, 4),
        "content": (5, 5),
        "basics": (4, 4),
    }
    assert tags["basics"].zh == ("学情分析", "教学设计", "教学实施", "教学反思")


@pytest.mark.rule("K14")
def test_the_county_team_has_at_least_30_days_and_120_hours_over_two_years(policy: Policy) -> None:
    assert amounts(policy, "team-member") == [("in_person", 30, "days"), ("online", 120, "hours")]
    phases = lookup.cohort(policy, "team-member").phases
    assert {(phase.bound, phase.years) for phase in phases} == {("at_least", (1, 2))}


@pytest.mark.rule("K17")
def test_provincial_trainers_have_25_days_in_each_of_two_years(policy: Policy) -> None:
    phases = lookup.cohort(policy, "trainer").phases
    assert [(p.amount.days, p.years) for p in phases if p.form == "in_person"] == [(25, (1,)), (25, (2,))]
    assert lookup.in_person_days(policy, "trainer") == 50


@pytest.mark.rule("K18")
def test_their_60_hours_and_year_of_practice_count_once_over_the_project(policy: Policy) -> None:
    phases = {phase.key: phase for phase in lookup.cohort(policy, "trainer").phases}
    for key, amount in (("workshop", 60), ("practice", 1)):
        assert (phases[key].amount.value, phases[key].years, phases[key].assumed) == (amount, (1, 2), True)
    assert "27,000" in (phases["workshop"].because or "")


@pytest.mark.rule("K20")
def test_local_trainers_have_20_days_and_100_hours(policy: Policy) -> None:
    assert amounts(policy, "local-trainer") == [("in_person", 20, "days"), ("online", 100, "hours")]


@pytest.mark.rule("K16")
def test_county_studios_work_in_four_modes(policy: Policy) -> None:
    modes = ("topic", "apprentice", "workshop", "return_practice")
    for cohort in ("studio-head", "studio-member"):
        (phase,) = lookup.cohort(policy, cohort).phases
        assert (phase.form, phase.amount.years, phase.activities) == ("studio", 2, modes)
        assert lookup.cohort(policy, cohort).kind == "participant"
    support = lookup.structure(policy, "county-studio").support
    assert support is not None
    assert (support.form, support.activities) == ("one_to_one", modes)


@pytest.mark.rule("D18")
def test_a_project_of_two_years_ends_with_its_last_phase_and_reports_30_days_later(policy: Policy) -> None:
    lengths = {project.key: project.length.years for project in policy.projects}
    assert lengths == {"rural": 1, "backbone": 1, "county-system": 2, "trainers-province": 2, "trainers-local": 1}
    last = {"project_end": datetime(2023, 12, 10, tzinfo=CIVIL).date()}
    assert lookup.deadline_due(policy, "reports-due", last) == datetime(2024, 1, 9, 23, 59, 59, tzinfo=CIVIL)
    completion = policy.participation.completion
    assert (completion.phase_completion, completion.final_completion) == ("per_year", "once")


@pytest.mark.rule("P12", "P13")
def test_projects_name_their_standards_and_the_year_its_sources(policy: Policy, zhengzhou: Policy) -> None:
    kinds = {document.key: document.kind for document in policy.sources.documents}
    standards = lookup.project(policy, "county-system").standards
    assert standards == ("national-standards-2021", "jiaoshi-2021-128", "one-to-one-model")
    assert [kinds[key] for key in standards] == ["standard", "cited", "standard"]
    numbers = {d.kind: d.number for p in (policy, zhengzhou) for d in p.sources.documents if d.number}
    assert numbers == {
        "cited": "教师〔2021〕128号",
        "basis": "郑教师函〔2022〕573号",
        "under": "教师〔2022〕265号",
    }


@pytest.mark.rule("Q12", "Q17")
def test_trainers_have_three_years_of_training_and_one_of_three_roles(policy: Policy) -> None:
    for cohort, roles in (("trainer", 6), ("local-trainer", 7)):
        years, role, *_ = lookup.cohort(policy, cohort).eligibility
        assert isinstance(years, YearsAtLeast)
        assert isinstance(role, RoleIn)
        assert (years.of, years.years, years.force, role.force) == ("teacher_training", 3, "strict", "strict")
        assert len(role.roles) == roles
        assert {"chief_expert", "manager_project", "manager_admin", "lecturer_researcher"} <= {*role.roles}
    ages = [c for key in ("trainer", "local-trainer") for c in lookup.cohort(policy, key).eligibility
            if isinstance(c, AgeAtMost)]  # fmt: skip
    assert [(age.years, age.reference, age.force) for age in ages] == [(45, "class_start", "in_principle")] * 2


@pytest.mark.rule("Q16")
def test_soft_conditions_are_attested_by_the_selecting_unit(policy: Policy) -> None:
    attested = [c for c in lookup.cohort(policy, "trainer").eligibility if isinstance(c, Attested)]
    assert [(c.statement, c.by) for c in attested] == [
        ("healthy", "selecting_unit"),
        ("devoted", "selecting_unit"),
        ("experienced", "selecting_unit"),
    ]
    said = {statement.key: statement.text.zh for statement in policy.statements}
    assert said["healthy"] == "身体健康"


@pytest.mark.rule("Q18")
def test_chief_experts_and_managers_of_delivery_institutions_come_first(policy: Policy) -> None:
    (first,) = [c for c in lookup.cohort(policy, "local-trainer").eligibility if isinstance(c, EmployerOnList)]
    assert (first.list, first.for_roles) == ("delivery-2021-institutions", ("chief_expert", "manager_project"))
    assert first.force == "priority"


@pytest.mark.rule("Q19", "A14")
def test_lists_are_imported_and_a_mentor_may_lack_school_and_unit(policy: Policy) -> None:
    lists = {entry.key: (entry.of, entry.members, entry.may_lack) for entry in policy.lists}
    (backbone,) = lookup.cohort(policy, "backbone-teacher").eligibility
    (mentor,) = lookup.cohort(policy, "mentor").eligibility
    assert isinstance(backbone, OnList)
    assert isinstance(mentor, OnList)
    assert (backbone.list, backbone.force) == ("provincial-candidates", "strict")
    assert lists[backbone.list] == ("persons", "imported", ())
    assert lists[mentor.list] == ("persons", "imported", ("school", "unit"))


@pytest.mark.rule("Q21", "Q23")
def test_county_teams_and_studio_heads_are_chosen_by_role_and_title(policy: Policy) -> None:
    county, role = lookup.cohort(policy, "team-member").eligibility
    assert isinstance(county, UnitOnList)
    assert isinstance(role, RoleIn)
    assert county.list == "project-counties-2021"
    assert role.roles == ("county_trainer_full", "researcher", "known_teacher_head")
    _, title = lookup.cohort(policy, "studio-head").eligibility
    assert isinstance(title, TitleAtLeast)
    assert (title.level, title.titles) == ("county", ("master_teacher", "master_head", "master_class_teacher"))


@pytest.mark.rule("C02", "C03")
def test_twelve_compulsory_topics_are_asynchronous_online_hours(policy: Policy) -> None:
    assert policy.content is not None
    compulsory = policy.content.compulsory
    assert compulsory is not None
    assert len({topic.key for topic in compulsory.topics}) == 12 == compulsory.expect_count
    assert (compulsory.topics[0].key, compulsory.topics[-1].names.zh) == ("ideology", "预防校园欺凌")
    form = lookup.form(policy, compulsory.form)
    assert (compulsory.manner.zh, form.counted_in, form.away) == ("异步在线培训", "hours", False)


@pytest.mark.rule("C04", "C05")
def test_three_standards_are_named_and_training_is_layered(policy: Policy, zhengzhou: Policy) -> None:
    assert policy.content is not None
    assert zhengzhou.content is not None
    assert policy.content.standards == ("course-guidelines", "professional-standards", "training-guide")
    layers = [content.layering.by for content in (policy.content, zhengzhou.content) if content.layering]
    assert layers == [("stage", "type"), ("stage", "type", "post")]


@pytest.mark.rule("C06")
def test_half_of_the_timetable_is_practice(policy: Policy) -> None:
    assert policy.content is not None
    share = policy.content.practice_share
    assert share is not None
    assert (str(share.min), share.of, share.force) == ("0.50", "timetable_hours", "strict")
    assert "practice_share" in lookup.document(policy, "timetable").triggers


@pytest.mark.rule("C07")
def test_a_class_may_mix_forms(policy: Policy, zhengzhou: Policy) -> None:
    assert policy.classes.mixed_forms.allowed
    assert zhengzhou.classes.mixed_forms.allowed
    assert [form.key for form in lookup.forms_of(policy, "rural-teacher")] == ["in_person", "online"]
