"""The programme years in deploy/policies: they load, and they say what the notice says."""

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from shared.policy import Policy, UnitsFile, from_dict, load, lookup, review
from shared.policy.eligibility import Marked, SchoolKindIn, YearsAtLeast

POLICIES = Path(__file__).parents[4] / "deploy/policies"
YEARS = sorted(path for path in POLICIES.glob("*.yaml") if not path.name.startswith("units-"))


@pytest.mark.parametrize("path", YEARS, ids=lambda path: path.stem)
def test_a_year_loads_without_a_word_and_survives_its_event(path: Path, units: UnitsFile) -> None:
    text = path.read_text("utf-8")
    assert review(text, units)[1] == ()
    policy = load(text, units)
    assert (policy.key, policy.version) == (path.stem, f"{path.stem}@1")
    assert from_dict(json.loads(json.dumps(policy.to_dict()))) == policy
    assert len(policy.sha256) == 64
    assert load(text + "# one more word\n", units).sha256 != policy.sha256


def test_a_year_published_before_the_later_sections_stays_readable(policy: Policy) -> None:
    later = ("structures", "content", "followup", "money", "trends", "texts")
    tree = json.loads(json.dumps(policy.to_dict()))
    assert {*later} <= {*tree}
    old = from_dict({key: value for key, value in tree.items() if key not in later})
    assert (old.structures, old.content, old.money, old.texts) == ((), None, None, ())


def test_a_dict_that_is_no_policy_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_dict({"format": "shipei-policy/1"})


def test_a_policy_cannot_be_changed(policy: Policy) -> None:
    with pytest.raises(AttributeError):
        policy.sha256 = "x"  # type: ignore[misc]  # what the type checker forbids too


@pytest.mark.rule("K21", "P02")
def test_rural_teachers_have_15_days_and_30_hours_and_two_names(policy: Policy) -> None:
    phases = lookup.cohort(policy, "rural-teacher").phases
    assert [(phase.form, phase.amount.value, phase.amount.unit) for phase in phases] == [
        ("in_person", 15, "days"),
        ("online", 30, "hours"),
    ]
    project = lookup.project(policy, "rural")
    assert project.aliases is not None
    assert project.names.zh not in project.aliases.zh
    assert project.key == "rural"


@pytest.mark.rule("K22")
def test_rural_teachers_go_through_five_steps_and_online_has_no_check_in(policy: Policy) -> None:
    steps = [step for phase in lookup.cohort(policy, "rural-teacher").phases for step in phase.activities]
    assert steps == ["diagnosis", "topic", "visit", "return_practice", "accompanied"]
    assert not lookup.form(policy, "online").checkin


def test_rural_teachers_are_chosen_by_three_strict_conditions(policy: Policy) -> None:
    school, years, mark = lookup.cohort(policy, "rural-teacher").eligibility
    assert isinstance(school, SchoolKindIn)
    assert isinstance(years, YearsAtLeast)
    assert isinstance(mark, Marked)
    assert (school.kinds, years.of, years.years, mark.mark) == (("township",), "teaching", 5, "teaching_backbone")
    assert {condition.force for condition in (school, years, mark)} == {"strict"}
    assert [condition.check for condition in (school, years)] == ["school_kind_in", "years_at_least"]


@pytest.mark.rule("L06")
def test_the_ban_of_2021_is_absolute_provincial_in_person_three_years(policy: Policy) -> None:
    rule = policy.ban
    assert rule is not None
    assert (rule.force, rule.scope.plan_levels, rule.scope.forms) == ("absolute", ("province",), ("in_person",))
    assert (rule.length.years, rule.override, rule.version) == (3, None, 1)


def test_offices_have_roles_and_no_address(policy: Policy) -> None:
    assert {office.address for office in policy.offices} == {"configured"}
    assert {office.role for office in policy.offices} == {"province", "project_office", "inspector"}


@pytest.mark.rule("M01", "M02", "M06")
def test_units_are_ranked_by_registration_check_in_and_quality(policy: Policy) -> None:
    by = [lookup.formula(policy, key) for key in lookup.ranking(policy, "units-2021").by]
    assert [(formula.numerator, formula.denominator) for formula in by] == [
        ("registered", "quota"),
        ("checked_in", "expected"),
        ("met_every_condition", "selected"),
    ]


def test_the_invented_year_says_so_and_stands_in_scope_of_the_ban(policy: Policy, units: UnitsFile) -> None:
    later = load((POLICIES / "henan-2022.yaml").read_text("utf-8"), units)
    assert later.policy.invented
    assert later.calendar.checks_before_class.date > date(2021, 12, 31)
    assert policy.ban is not None
    assert lookup.plan_level_of(later, "rural-follow-up") in policy.ban.scope.plan_levels
    assert set(lookup.checkin_forms(later, "rural-follow-up-teacher")) & {*policy.ban.scope.forms}
