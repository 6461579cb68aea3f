"""Entries by key."""

from collections.abc import Callable

import pytest

from shared.policy import Policy, lookup


def test_a_cohort_leads_to_its_project_group_and_plan_level(policy: Policy) -> None:
    assert lookup.cohort(policy, "rural-teacher").kind == "trainee"
    assert lookup.project_of(policy, "rural-teacher") == lookup.project(policy, "rural")
    assert lookup.group_of(policy, "rural").key == "quality-2021"
    assert lookup.plan_level_of(policy, "rural") == "province"


def test_forms_of_a_cohort_and_those_with_check_in(policy: Policy) -> None:
    assert [form.key for form in lookup.forms_of(policy, "rural-teacher")] == ["in_person", "online"]
    assert lookup.checkin_forms(policy, "rural-teacher") == ("in_person",)
    assert lookup.in_person_days(policy, "rural-teacher") == 15


def test_deadlines_of_an_act_for_a_project_and_a_level(policy: Policy) -> None:
    assert [entry.key for entry in lookup.deadlines_for(policy, "select", "rural", "school")] == ["selection-due"]
    assert lookup.deadlines_for(policy, "select", "rural", "province") == []
    assert len(lookup.deadlines_for(policy, "hand_in")) == 6


def test_everything_else_by_key(policy: Policy) -> None:
    assert lookup.document(policy, "checkin-notice").due == "notice-due"
    assert lookup.office(policy, "second-person").role == "province"
    assert lookup.reason(policy, "illness").evidence == ("medical_certificate",)
    assert [step.use for step in lookup.ladder(policy, "person").steps] == ["email", "sms", "call_list"]
    assert lookup.formula(policy, "checkin").denominator == "expected"
    assert lookup.ranking(policy, "units-2021").ranked.level == "city"
    assert lookup.cause(policy, "no_show").raised_at == "checkin_closed"


@pytest.mark.parametrize("find", [lookup.project, lookup.cohort, lookup.form, lookup.plan, lookup.deadline])
def test_an_unknown_key_is_an_error(policy: Policy, find: Callable[[Policy, str], object]) -> None:
    with pytest.raises(lookup.UnknownKeyError, match="nothing"):
        find(policy, "nothing")
