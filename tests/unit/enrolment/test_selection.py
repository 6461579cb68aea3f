"""Who gets a place: conditions at equality, bans by the class start, quota never exceeded."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.places.domain import Decision, Period, decide_selection, full_years, rules_of, window
from services.enrolment.places.domain.selection import Candidate
from shared.events.enrolment import TraineeSelected
from shared.policy import Policy, load
from shared.policy.eligibility import AgeAtMost, Attested, Condition, Marked, OnList, TitleAtLeast, YearsAtLeast
from tests.unit.enrolment.given import CIVIL, DAYS, NOW, bar, candidate, cell, facts, rules

POLICIES = Path(__file__).parents[3] / "deploy" / "policies"


@cache
def policy() -> Policy:
    return load((POLICIES / "henan-2021.yaml").read_text("utf-8"))


def codes(*candidates: Candidate, places: int = 99) -> list[str]:
    return [r.code for r in decide_selection(candidates, cell(places), rules(), {}, NOW).refusals]


@pytest.mark.rule("Q15")
@pytest.mark.parametrize(
    ("since", "refused"),
    [
        (date(2016, 8, 20), []),
        (date(2016, 8, 21), ["condition-years-at-least"]),
        (None, ["condition-years-at-least"]),
    ],
)
def test_five_years_of_teaching_pass_at_equality_on_the_day_that_stands_for_the_class(
    since: date | None, refused: list[str]
) -> None:
    assert codes(candidate(facts=facts(teaching_since=since))) == refused


@pytest.mark.rule("Q05", "Q15")
def test_every_condition_that_is_not_met_is_told() -> None:
    stranger = facts(school_kind="urban", marks=[], teaching_since=date(2020, 9, 1))
    assert codes(candidate(facts=stranger)) == [
        "condition-school-kind-in",
        "condition-years-at-least",
        "condition-marked",
    ]


@pytest.mark.rule("Q15")
def test_the_rural_cohort_of_the_policy_asks_for_township_five_years_and_backbone() -> None:
    asked = rules_of(policy(), "programme", "rural-teacher")
    assert [c.check for c in asked.conditions] == ["school_kind_in", "years_at_least", "marked"]
    assert asked.days.starts_on == date(2021, 8, 20)
    assert (asked.plan_level, asked.project) == ("province", "rural")


@pytest.mark.parametrize(("born", "age"), [(date(1976, 8, 20), 45), (date(1975, 8, 20), 46), (date(1975, 8, 21), 45)])
@pytest.mark.rule("Q11")
def test_forty_five_full_years_pass_and_forty_six_need_an_override(born: date, age: int) -> None:
    limits = rules([AgeAtMost(years=45, force="in_principle")])
    person = candidate(facts=facts(born_on=born))
    assert full_years(born, DAYS.starts_on) == age
    plain = decide_selection([person], cell(1), limits, {}, NOW)
    assert bool(plain.events) == (age <= 45)
    overridden = decide_selection([person], cell(1), limits, {"person-0": "only trainer of the subject"}, NOW)
    event = overridden.events[0]
    assert isinstance(event, TraineeSelected)
    assert event.met_every_condition == (age <= 45)
    assert event.overridden == ([] if age <= 45 else ["age_at_most"])


def test_a_strict_condition_knows_no_override() -> None:
    person = candidate(facts=facts(marks=[]))
    decision = decide_selection([person], cell(1), rules(), {"person-0": "please"}, NOW)
    assert [r.code for r in decision.refusals] == ["condition-marked"]


def test_a_condition_on_what_is_not_recorded_is_never_guessed() -> None:
    asked: list[Condition] = [
        TitleAtLeast(level="county", titles=("master",), force="strict"),
        OnList(list="candidates", force="strict"),
    ]
    decision = decide_selection([candidate()], cell(1), rules(asked), {}, NOW)
    assert [r.code for r in decision.refusals] == ["condition-not-recorded", "condition-list-missing"]


@pytest.mark.rule("Q19")
@pytest.mark.parametrize(("on", "refused"), [(True, []), (False, ["condition-on-list"])])
def test_whoever_is_on_the_list_passes_and_nobody_else(*, on: bool, refused: list[str]) -> None:
    person = candidate(facts=facts(lists={"candidates": on}))
    decision = decide_selection([person], cell(1), rules([OnList(list="candidates", force="strict")]), {}, NOW)
    assert [r.code for r in decision.refusals] == refused


@pytest.mark.rule("Q12")
@pytest.mark.parametrize(
    ("since", "refused"), [(date(2018, 8, 20), []), (date(2018, 8, 21), ["condition-years-of-training"])]
)
def test_three_years_of_training_teachers_pass_at_equality(since: date, refused: list[str]) -> None:
    asked = rules([YearsAtLeast(of="teacher_training", years=3, force="strict")])
    decision = decide_selection([candidate(facts=facts(trainer_since=since))], cell(1), asked, {}, NOW)
    assert [r.code for r in decision.refusals] == refused


@pytest.mark.rule("Q16")
def test_what_nobody_attested_is_told_in_the_policys_words() -> None:
    asked = msgspec.structs.replace(
        rules([Attested(statement="healthy", by="selecting_unit", force="strict")]),
        words={"healthy": {"zh": "身体健康", "en": "In good health"}},
    )
    (refusal,) = decide_selection([candidate()], cell(1), asked, {}, NOW).refusals
    assert (refusal.code, refusal.vars) == (
        "condition-attested",
        {"statements": [{"zh": "身体健康", "en": "In good health"}]},
    )
    attested = candidate(facts=facts(attested=["healthy"]))
    assert decide_selection([attested], cell(1), asked, {}, NOW).events


def test_units_that_share_a_cell_share_its_places() -> None:
    shared = cell(3)["school"]
    people = [candidate(i, unit=f"school-{i % 2}") for i in range(4)]
    decision = decide_selection(people, {"school-0": shared, "school-1": shared}, rules(), {}, NOW)
    assert len(decision.events) == 3
    assert [r.code for r in decision.refusals] == ["quota-used-up"]


def test_a_priority_only_orders() -> None:
    first, second = candidate(1, facts=facts(marks=[])), candidate(2)
    wish = rules([Marked(mark="teaching_backbone", force="priority")])
    decision = decide_selection([first, second], cell(1), wish, {}, NOW)
    assert [e.person_id for e in decision.events] == ["person-2"]
    assert [(r.key, r.code) for r in decision.refusals] == [("person-1", "quota-used-up")]


@pytest.mark.rule("L12", "L08")
@pytest.mark.parametrize(
    ("starts_on", "ends_before", "refused"),
    [
        (DAYS.starts_on, DAYS.starts_on + timedelta(days=1), True),
        (date(2018, 8, 20), DAYS.starts_on, False),
        (DAYS.starts_on + timedelta(days=1), date(2024, 8, 22), False),
        (date(2018, 8, 21), DAYS.starts_on + timedelta(days=1), True),
    ],
)
def test_a_ban_is_looked_up_by_the_class_start_half_open(starts_on: date, ends_before: date, *, refused: bool) -> None:
    person = candidate(bars=[bar("person-0", starts_on, ends_before)])
    decision = decide_selection([person], cell(1), rules(), {}, NOW)
    assert bool(decision.refusals) == refused
    if refused:
        assert decision.refusals[0].code == "banned"
        assert decision.refusals[0].vars["entry_id"] == "entry"
        assert decision.refusals[0].vars["last_day"] == ends_before - timedelta(days=1)


@pytest.mark.rule("L06", "L07")
def test_a_ban_bars_its_plan_levels_and_forms_only() -> None:
    spans = (date(2021, 1, 1), date(2024, 1, 1))
    online = bar("person-0", *spans, forms=["one_to_one"])
    national = bar("person-0", *spans, plan_levels=["national"], forms=[])
    any_form = bar("person-0", *spans, forms=[])
    assert codes(candidate(bars=[online, national])) == []
    assert codes(candidate(bars=[any_form])) == ["banned"]


@pytest.mark.rule("Q08")
def test_a_class_on_one_of_the_days_is_refused() -> None:
    until = Period(date(2021, 8, 1), DAYS.starts_on)
    before = Period(date(2021, 8, 1), DAYS.starts_on - timedelta(days=1))
    assert codes(candidate(away=[until])) == ["dates-overlap"]
    assert codes(candidate(away=[before])) == []


def test_the_person_who_holds_a_place_is_not_selected_again() -> None:
    assert codes(candidate(held="place-x")) == ["already-selected"]
    assert codes(candidate(0), candidate(0)) == ["already-selected"]


@pytest.mark.rule("Q03", "Q04")
def test_the_twenty_first_is_refused_and_told_the_number() -> None:
    decision = decide_selection([candidate(i) for i in range(21)], cell(20), rules(), {}, NOW)
    assert len(decision.events) == 20
    assert [(r.key, r.code, r.vars["places"]) for r in decision.refusals] == [("person-20", "quota-used-up", 20)]


def test_somebody_who_is_refused_uses_no_quota() -> None:
    unfit = candidate(0, facts=facts(marks=[]))
    decision = decide_selection([unfit, candidate(1)], cell(1), rules(), {}, NOW)
    assert [e.person_id for e in decision.events] == ["person-1"]


@given(
    st.lists(st.tuples(st.integers(0, 15), st.sampled_from("ab"), st.booleans(), st.booleans()), max_size=40),
    st.integers(0, 10),
    st.integers(0, 10),
    st.integers(0, 10),
)
def test_whatever_the_list_no_cell_is_overrun_and_everybody_is_answered(
    people: list[tuple[int, str, bool, bool]], places_a: int, places_b: int, selected: int
) -> None:
    cells = cell(places_a, min(selected, places_a), unit="a") | cell(places_b, unit="b")
    candidates = [
        candidate(i, unit, held="old" if held else None, facts=facts() if fit else facts(marks=[]))
        for i, unit, held, fit in people
    ]
    decision = decide_selection(candidates, cells, rules(), {}, NOW)
    taken = [e for e in decision.events if isinstance(e, TraineeSelected)]
    for unit, one in cells.items():
        assert one.selected + sum(e.unit_id == unit for e in taken) <= one.places
    assert len({e.person_id for e in taken}) == len(taken)
    assert len(taken) + len(decision.refusals) == len(candidates)


@given(st.lists(st.integers(0, 30), unique=True, max_size=25), st.integers(0, 10))
def test_running_the_same_list_again_selects_nobody_twice(ids: list[int], places: int) -> None:
    first = decide_selection([candidate(i) for i in ids], cell(places), rules(), {}, NOW)
    held = {e.person_id: e.place_id for e in first.events}
    again = [candidate(i, held=held.get(f"person-{i}")) for i in ids]
    second = decide_selection(again, cell(places, len(held)), rules(), {}, NOW)
    assert second.events == []
    assert isinstance(second, Decision)


@pytest.mark.rule("D07")
@pytest.mark.parametrize(
    ("now", "opened"),
    [
        (datetime(2021, 7, 30, 23, 59, 59, tzinfo=CIVIL), True),
        (datetime(2021, 7, 31, tzinfo=CIVIL), False),
        (datetime(2021, 7, 16, tzinfo=CIVIL), True),
        (datetime(2021, 7, 15, 23, 59, 59, tzinfo=CIVIL), False),
    ],
)
@pytest.mark.parametrize("level", ["city", "county", "school"])
def test_selection_is_open_through_the_end_of_30_july_at_every_level(
    now: datetime, level: str, *, opened: bool
) -> None:
    assert window(policy(), "rural-teacher", level, now).open is opened
