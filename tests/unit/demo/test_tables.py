"""What a stranger computes is what reporting prints; and a difference between the two is told by its path."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo import roster
from deploy.demo.stranger import counting
from deploy.demo.stranger import tables as stranger
from deploy.demo.tables import compared, figures
from services.reporting.league.domain import ratios
from services.reporting.league.domain.ratios import Rate

COUNT = st.integers(0, 5000)


@given(COUNT, COUNT, st.integers(0, 4))
def test_both_round_alike_and_draw_the_same_interval(part: int, whole: int, decimals: int) -> None:
    rate = Rate(part, whole)
    bounds = ratios.wilson(rate)
    assert stranger.wilson(part, whole) == ([ratios.one_decimal(b) for b in bounds] if bounds else None)
    if whole:
        assert stranger.half_up(100 * Fraction(part, whole), decimals) == ratios.percent(rate, decimals)


def test_equal_values_share_a_rank() -> None:
    values = {"a": Fraction(1, 2), "b": Fraction(2, 4), "c": Fraction(2, 3), "d": Fraction(1, 3)}
    assert stranger.ranks(values, "competition") == {"c": 1, "a": 2, "b": 2, "d": 4}
    assert stranger.ranks(values, "dense") == {"c": 1, "a": 2, "b": 2, "d": 3}


def test_the_excused_leave_both_halves_of_a_formula_by_its_own_word_alone() -> None:
    assert not stranger.leaves_excused({"key": "completion"})
    assert stranger.leaves_excused({"key": "completion", "exclude": ["excused"]})


def place(*steps: str) -> dict[str, dict[str, Any]]:
    chosen = {"cohort": "rural", "met_every_condition": True}
    return {"trainee.selected": chosen, "trainee.registered": {}, **{f"trainee.{step}": {} for step in steps}}


HERE, COMPLETED, EXCUSED = (
    place("expected", "checked_in"),
    place("expected", "checked_in", "completed"),
    place("expected", "excused"),
)


@pytest.mark.parametrize(
    ("inside", "numerator", "denominator", "wanted"),
    [
        (False, "checked_in", "expected", (2, 2)),
        (False, "checked_in", "selected", (2, 3)),
        (False, "registered", "selected", (3, 3)),
        (False, "met_every_condition", "selected", (3, 3)),
        (False, "completed", "checked_in", (1, 2)),
        (False, "completed", "selected", (1, 3)),
        (True, "checked_in", "expected", (2, 3)),
        (True, "checked_in", "selected", (2, 3)),
    ],
)
def test_the_year_says_of_the_excused_whether_they_are_expected_and_nothing_else(
    inside: bool,
    numerator: str,
    denominator: str,
    wanted: tuple[int, int],
) -> None:
    policy = {
        "table_rules": {"excused_in_expected": inside, "without_checkin_use": "registered"},
        "forms": [{"key": "in_person", "checkin": True}],
        "projects": [{"cohorts": [{"key": "rural", "phases": [{"form": "in_person"}]}]}],
    }
    counts = counting.persons(policy, [HERE, COMPLETED, EXCUSED], leave_excused=False)
    assert stranger.parts({"numerator": numerator, "denominator": denominator}, counts) == wanted
    assert counts["excused"] == 1


def test_where_registration_stands_in_the_excused_leave_it_too() -> None:
    policy = {
        "table_rules": {"excused_in_expected": False, "without_checkin_use": "registered"},
        "forms": [{"key": "online", "checkin": False}],
        "projects": [{"cohorts": [{"key": "rural", "phases": [{"form": "online"}]}]}],
    }
    counts = counting.persons(
        policy, [place("completed"), place("completed"), place(), place("excused", "completed")], leave_excused=False
    )
    assert (counts["selected"], counts["registered"]) == (4, 4)
    assert (counts["expected"], counts["checked_in"], counts["completed"]) == (3, 3, 2)


def test_a_figure_that_differs_is_named_on_both_sides() -> None:
    printed, drawn = (
        {"row": {"quota": 20, "interval": ["1.0", "2.0"]}},
        {"row": {"quota": 21, "interval": ["1.0", "2.0"]}},
    )
    expected, actual = compared(figures(printed), figures(drawn))
    assert expected == {"figures": 3, "different": {"/row/quota": "20"}}
    assert actual == {"figures": 3, "different": {"/row/quota": "21"}}


def test_one_of_the_storys_teachers_is_46_in_the_first_year() -> None:
    people = roster.with_an_older(roster.teachers(24))
    born = [date.fromisoformat(f"{n[6:10]}-{n[10:12]}-{n[12:14]}") for n in (p.id_number for p in people)]
    assert [i for i, day in enumerate(born) if day <= date(1975, 8, 20)] == [roster.OLDER]
    assert len({p.id_number for p in people}) == len(people)
