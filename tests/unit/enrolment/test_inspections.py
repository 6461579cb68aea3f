"""Scores of inspection forms: exact numbers, from 0 up to the maximum."""

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.inspections.domain import Form, Refusal, Subject, decide_score, highest, plain, scoring_roles
from shared.events.enrolment import InspectionScored
from shared.policy.common import Text
from shared.policy.tables import Formula
from tests.support.year import policy

TODAY = date(2021, 9, 1)
SUBJECT = Subject(
    inspection_id="i", policy_key="henan-2021", project="rural", institution_id="u", institution_path="/p/u/"
)


def form(score: str, maximum: str = "100", day: date = TODAY) -> Form:
    return Form(score=score, max=maximum, inspected_on=day)


def decided(one: Form, before: Form | None = None, limit: Decimal | None = None) -> InspectionScored | Refusal:
    return decide_score(one, SUBJECT, before, limit, TODAY)


@pytest.mark.rule("M09")
@pytest.mark.parametrize("score", ["0", "91.5", "91.50", "100"])
def test_a_score_is_told_exactly_with_its_maximum(score: str) -> None:
    event = decided(form(score))
    assert isinstance(event, InspectionScored)
    assert (Decimal(event.score), event.max, event.inspected_on) == (Decimal(score), "100", TODAY)
    assert event.stream == "i"


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (form("100.01"), "score-above-maximum"),
        (form("0", "0"), "score-above-maximum"),
        (form("-1"), "score-not-a-number"),
        (form("91.555"), "score-not-a-number"),
        (form("1e2"), "score-not-a-number"),
        (form("九十"), "score-not-a-number"),
        (form("９０"), "score-not-a-number"),
        (form("90", ""), "score-not-a-number"),
        (form("90", day=date(2021, 9, 2)), "inspection-in-future"),
    ],
)
def test_what_is_no_score_is_refused(one: Form, code: str) -> None:
    refusal = decided(one)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


def test_the_maximum_is_the_policys_where_it_names_one() -> None:
    refusal = decided(form("45", "50"), limit=Decimal(100))
    assert refusal == Refusal("score-other-maximum", {"max": "50", "limit": "100"})
    assert isinstance(decided(form("45", "100.0"), limit=Decimal(100)), InspectionScored)
    formula = Formula(
        key="inspection", version=1, names=Text(zh="视", en="I"), value="inspection_score", max=Decimal(100)
    )
    assert highest(msgspec.structs.replace(policy(), formulas=(formula,))) == Decimal(100)
    assert highest(msgspec.structs.replace(policy(), formulas=())) is None


def test_a_correction_changes_something() -> None:
    assert isinstance(decided(form("91.50"), before=form("91.5")), Refusal)
    assert isinstance(decided(form("92"), before=form("91.5")), InspectionScored)
    assert isinstance(decided(form("91.5", day=date(2021, 8, 31)), before=form("91.5")), InspectionScored)


@pytest.mark.rule("A11")
def test_the_expert_group_scores_where_the_policy_has_one() -> None:
    year = policy()
    assert scoring_roles(year) == ("province", "inspector")
    without = tuple(o for o in year.offices if o.role != "inspector")
    assert scoring_roles(msgspec.structs.replace(year, offices=without)) == ("province",)


@given(st.decimals(0, 9999, places=2))
def test_a_number_has_one_spelling_and_keeps_its_value(number: Decimal) -> None:
    assert Decimal(plain(number)) == number
    assert "E" not in plain(number)
    assert not plain(number).endswith(".")


typed = st.decimals(-1, 120, places=1).map(str) | st.sampled_from(["91.50", "1e2", "", "100.00"])
forms = st.builds(
    form, typed, st.sampled_from(["100", "100.0", "50", "0"]), st.dates(TODAY - timedelta(2), TODAY + timedelta(1))
)


@pytest.mark.rule("M09")
@given(st.none() | st.just(Decimal(100)), st.lists(forms, max_size=12))
def test_scores_and_corrections_in_any_order_stay_between_nothing_and_all(
    limit: Decimal | None, order: list[Form]
) -> None:
    before: Form | None = None
    for one in order:
        event = decided(one, before, limit)
        if isinstance(event, Refusal):
            continue
        assert 0 <= Decimal(event.score) <= Decimal(event.max)
        assert Decimal(event.max) == limit or (limit is None and Decimal(event.max) > 0)
        assert event.inspected_on <= TODAY
        before = Form(score=event.score, max=event.max, inspected_on=event.inspected_on)
        again = decided(one, before, limit)
        assert isinstance(again, Refusal), "a form that is handed in again scores nothing new"
        assert again.code == "inspection-unchanged"
