"""What a stranger computes is what reporting prints; and a difference between the two is told by its path."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo import roster
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


def test_the_excused_are_left_out_by_the_formula_or_by_the_year() -> None:
    inside, outside = {"excused_in_expected": True}, {"excused_in_expected": False}
    assert not stranger.leaves_excused({"key": "completion"}, inside)
    assert stranger.leaves_excused({"key": "completion", "exclude": ["excused"]}, inside)
    assert stranger.leaves_excused({"key": "completion"}, outside)


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
