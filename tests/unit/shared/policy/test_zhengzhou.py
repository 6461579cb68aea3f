"""Zhengzhou 2022: two plans of one city."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.policy import Policy, UnitsFile, lookup
from shared.policy.moments import accepts

CIVIL = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 23, minute: int = 59, second: int = 59) -> datetime:
    return datetime(2022, month, day, hour, minute, second, tzinfo=CIVIL)


def projects_of(policy: Policy, group: str) -> list[str]:
    return [project.key for project in policy.projects if project.group == group]


@pytest.mark.rule("P04")
def test_the_national_plan_has_seven_projects(zhengzhou: Policy) -> None:
    assert projects_of(zhengzhou, "national-2022") == [
        "rural-backbone",
        "key-regions",
        "trainer-teams",
        "rural-heads",
        "it-ability",
        "demonstration",
        "project-counties",
    ]


@pytest.mark.rule("P05")
def test_the_provincial_plan_has_five_two_without_a_rural_tilt(zhengzhou: Policy) -> None:
    keys = projects_of(zhengzhou, "provincial-2022")
    assert keys == ["master-candidates", "senior-it", "senior-managers", "exam-invigilators", "exam-markers"]
    assert [key for key in keys if not lookup.project(zhengzhou, key).rural_tilt] == [
        "exam-invigilators",
        "exam-markers",
    ]


@pytest.mark.rule("P06")
def test_153_and_14_institutions_and_one_that_runs_both(zhengzhou: Policy) -> None:
    run = {group.key: group.institutions for group in zhengzhou.groups if group.institutions}
    assert {key: entry.count for key, entry in run.items()} == {"national-2022": 153, "provincial-2022": 14}
    both = {*run["national-2022"].named} & {*run["provincial-2022"].named}
    names = {organisation.key: organisation.names.zh for organisation in zhengzhou.organisations}
    assert [names[key] for key in both] == ["北京师范大学"]


@pytest.mark.rule("P07")
def test_four_plan_levels_and_each_project_stands_at_one(policy: Policy, zhengzhou: Policy) -> None:
    for year in (policy, zhengzhou):
        assert [level.key for level in year.plan_levels] == ["national", "province", "city", "county"]
    assert lookup.plan_level_of(zhengzhou, "it-ability") == "national"
    assert lookup.plan_level_of(zhengzhou, "senior-it") == "province"
    assert zhengzhou.ban is not None
    assert zhengzhou.ban.scope.plan_levels == ("national", "province")


@pytest.mark.rule("D08")
def test_selection_ends_with_31_august(zhengzhou: Policy) -> None:
    due = lookup.deadline_due(zhengzhou, "selection-due", {})
    assert due == at(8, 31)
    assert accepts(at(8, 31), due)
    assert not accepts(at(9, 1, 0, 0, 0), due)
    assert lookup.deadline(zhengzhou, "selection-due").late == "refuse"


@pytest.mark.rule("D09")
def test_classes_end_with_the_year_unless_the_issuer_extends(zhengzhou: Policy) -> None:
    deadline = lookup.deadline(zhengzhou, zhengzhou.classes.end_by or "")
    assert lookup.deadline_due(zhengzhou, deadline.key, {}) == at(12, 31)
    assert deadline.extension is not None
    assert (deadline.late, deadline.extension.by, deadline.extension.reason) == ("override", "410100", "required")


@pytest.mark.rule("A03")
def test_three_offices_share_the_projects(zhengzhou: Policy) -> None:
    serving = {office.key: office.serves for office in zhengzhou.offices if office.role == "project_office"}
    assert serving == {
        "office-rural": ("rural-backbone", "rural-heads", "demonstration"),
        "office-regions": ("key-regions", "trainer-teams", "project-counties"),
        "office-it-provincial": ("it-ability", *projects_of(zhengzhou, "provincial-2022")),
    }
    assert all(project.key in serving[project.office] for project in zhengzhou.projects)


@pytest.mark.rule("A05")
def test_the_citys_own_units_are_the_tree(zhengzhou: Policy, units: UnitsFile) -> None:
    assert (zhengzhou.issuer, zhengzhou.units.root) == ("410100", "410100")
    assert [level.key for level in zhengzhou.units.levels] == ["city", "county", "school"]
    assert zhengzhou.units.levels[2].under == ("city", "county")
    own = {units.unit(code).kind for code in ("410105", "410171", "410100-jys")}
    assert own <= set(zhengzhou.units.levels[1].kinds)


@pytest.mark.rule("A01")
def test_the_department_issues_ranks_and_bans_and_bans_for_the_city_as_well(policy: Policy, zhengzhou: Policy) -> None:
    assert (policy.issuer, policy.units.root) == ("410000", "410000")
    assert [ranking.ranked.level for ranking in policy.rankings] == ["city", "institution"]
    assert [year.ban.authority for year in (policy, zhengzhou) if year.ban] == ["410000", "410000"]


@pytest.mark.rule("A12")
def test_cities_and_counties_select_and_are_ranked_for_it(policy: Policy, zhengzhou: Policy) -> None:
    for year, final, ranking in ((policy, "city", "units-2021"), (zhengzhou, "county", "units-2022")):
        assert (year.selection.path, year.selection.final_level) == (("school", "county", "city"), final)
        assert lookup.ranking(year, ranking).ranked.level == final
        assert "selection-quality" in lookup.ranking(year, ranking).by


@pytest.mark.rule("A07")
def test_an_institution_schedules_and_is_ranked(policy: Policy, zhengzhou: Policy) -> None:
    for year, key in ((policy, "institutions-2021"), (zhengzhou, "institutions-2022")):
        assert year.classes.scheduled_by == "institution"
        assert lookup.ranking(year, key).ranked.level == "institution"


@pytest.mark.rule("Q08", "Q09")
def test_repeats_are_barred_in_principle_and_seven_days_away_are_asked_for(zhengzhou: Policy) -> None:
    repeat = zhengzhou.repeat
    assert repeat.cycle is not None
    assert repeat.away_days is not None
    assert (repeat.cycle.years, repeat.cycle.starts) == (5, date(2021, 1, 1))
    assert (repeat.away_days.min, repeat.away_days.per, repeat.away_days.forms) == (7, "cycle", ("in_person",))
    assert lookup.form(zhengzhou, "in_person").away
    (limit,) = repeat.limits
    assert (limit.same, limit.within, limit.max, limit.force) == (
        ("type", "subject", "theme"),
        "cycle",
        1,
        "in_principle",
    )
    assert repeat.overlap == "refuse"


@pytest.mark.rule("Q27")
def test_the_quality_of_what_a_unit_sends_is_a_measure_of_both_years(policy: Policy, zhengzhou: Policy) -> None:
    for year in (policy, zhengzhou):
        formula = lookup.formula(year, "selection-quality")
        assert (formula.numerator, formula.denominator) == ("met_every_condition", "selected")
        assert year.selection.override is not None
        assert year.selection.override.counts_in == "selection_quality"


@pytest.mark.rule("C11")
def test_teaching_counts_as_workload_and_class_management_gets_money(zhengzhou: Policy) -> None:
    record, money = zhengzhou.classes.teaching_record, zhengzhou.classes.class_management_money
    assert record is not None
    assert money is not None
    assert (record.export, record.of) == (True, ("plan_writing", "teaching", "service"))
    assert (money.required, money.amount_fen) == (True, None)


@pytest.mark.rule("C12")
def test_attendance_may_be_kept_and_all_days_are_asked_for(zhengzhou: Policy) -> None:
    attendance = zhengzhou.participation.attendance
    assert attendance is not None
    assert (attendance.record, str(attendance.min_share), attendance.leave_counts_as_present) == (
        "optional",
        "1.00",
        False,
    )


@pytest.mark.rule("C13")
def test_support_goes_on_after_90_and_180_days_with_a_reminder_each(zhengzhou: Policy) -> None:
    assert zhengzhou.followup is not None
    accompany = zhengzhou.followup.accompany
    assert accompany is not None
    plan = lookup.plan(zhengzhou, "accompany")
    assert [after.calendar_days for after in accompany.rounds] == [90, 180]
    assert [offset.after for offset in plan.offsets] == list(accompany.rounds)
    assert plan.anchor.moment == "class_end"


@pytest.mark.rule("L07")
def test_the_ban_of_2022_covers_both_plans_in_any_form_in_principle(zhengzhou: Policy) -> None:
    rule = zhengzhou.ban
    assert rule is not None
    assert rule.override is not None
    assert (rule.force, rule.scope.plan_levels, rule.scope.forms) == ("in_principle", ("national", "province"), "all")
    assert (rule.length.years, rule.override.by, rule.override.reason) == (3, "410000", "required")


@pytest.mark.rule("M03", "M04")
def test_sending_and_completion_have_their_own_denominators(zhengzhou: Policy) -> None:
    fractions = {formula.key: (formula.numerator, formula.denominator) for formula in zhengzhou.formulas}
    assert fractions["sending"] == ("selected", "quota")
    assert fractions["completion-units"] == ("completed", "selected")
    assert fractions["completion-institutions"] == ("completed", "checked_in")
    assert lookup.ranking(zhengzhou, "institutions-2022").by == ("checkin", "completion-institutions")


@pytest.mark.rule("M05")
def test_implementation_is_shown_in_parts_without_a_rank(zhengzhou: Policy) -> None:
    ranking = lookup.ranking(zhengzhou, "institutions-2022")
    assert ranking.beside == ("on-time", "inspection")
    assert not {*ranking.beside} & {*ranking.by}
    inspection = lookup.formula(zhengzhou, "inspection")
    assert (inspection.value, str(inspection.max)) == ("inspection_score", "100")


@pytest.mark.rule("M08", "M13", "M14")
def test_the_bulletin_has_a_table_of_units_and_one_of_institutions(zhengzhou: Policy) -> None:
    (bulletin,) = zhengzhou.bulletins
    levels = [lookup.ranking(zhengzhou, key).ranked.level for key in bulletin.tables]
    assert levels == ["county", "institution"]
    assert bulletin.sections == ("on_time", "quality", "quantity", "evaluation")
    assert (bulletin.published_by, bulletin.drawn_here_as) == ("410000", "preview")


@pytest.mark.rule("M12", "M15")
def test_institutions_have_a_state_and_a_survey_is_optional(zhengzhou: Policy) -> None:
    states = {entry.key: entry.status for entry in zhengzhou.lists}
    fed = {use.key: use.list for use in lookup.ranking(zhengzhou, "institutions-2022").used_for}
    assert fed["dynamic-management"] == "institutions-2022"
    assert states["institutions-2022"] == ("active", "watched", "left")
    assert zhengzhou.survey is not None
    assert (zhengzhou.survey.optional, zhengzhou.survey.of) == (True, ("trainee", "school"))


def test_what_the_source_does_not_state_is_named(zhengzhou: Policy) -> None:
    silent = [c.key for project in zhengzhou.projects for c in project.cohorts if "phases" in c.unstated]
    assert silent == ["county-teacher", "master-candidate", "senior-manager", "invigilator", "marker"]
    phases = [phase for project in zhengzhou.projects for c in project.cohorts for phase in c.phases]
    assert all(phase.synthetic for phase in phases)
