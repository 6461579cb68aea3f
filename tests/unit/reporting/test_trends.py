from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.counting import Counts
from services.reporting.league.domain.ranking import measure
from services.reporting.trends.domain import Point, Trend, Year, plot, trends, within, years_back
from shared.policy.tables import Formula
from tests.support.year import policy
from tests.unit.reporting.given import formula, rules


def year(n: int, came: int, expected: int, *formulas: Formula) -> Year:
    counts = Counts(checked_in=came, expected=expected, completed=came)
    return Year(f"p{n}@1", n, f"{n}年", str(n), rules(), formulas, {f.key: measure(f, counts) for f in formulas})


def test_the_same_fraction_is_one_measure_whatever_its_key() -> None:
    renamed = formula(key="arrival", names={"zh": "到位率", "en": "Arrival"}, version=3)
    (found,) = trends([year(2022, 9, 10, renamed), year(2021, 8, 10, formula())])
    assert (found.zh, [p.year.year for p in found.points]) == ("到位率", [2021, 2022])


def test_a_measure_of_one_year_and_another_exclusion_are_no_trend() -> None:
    assert trends([year(2021, 8, 10, formula())]) == []
    assert trends([year(2021, 8, 10, formula()), year(2022, 8, 10, formula(exclude=["excused"]))]) == []


@given(st.lists(st.integers(0, 50).flatmap(lambda e: st.tuples(st.integers(0, e), st.just(e))), min_size=2, max_size=6))
def test_every_mark_stands_inside_the_drawing_in_the_order_of_years(pairs: list[tuple[int, int]]) -> None:
    points = [
        Point(y, formula(), y.measures["checkin"]) for n, p in enumerate(pairs) for y in [year(2015 + n, *p, formula())]
    ]
    drawn = plot(Trend("报到率", "Check-in", points))
    assert len(drawn.marks) == sum(expected > 0 for _, expected in pairs)
    assert [m.x for m in drawn.marks] == sorted(m.x for m in drawn.marks)
    for mark in drawn.marks:
        assert 0 < mark.x < drawn.width
        assert mark.high is not None
        assert mark.low is not None
        assert 0 <= mark.high <= mark.y <= mark.low <= drawn.height


def test_a_policy_may_limit_the_years() -> None:
    older, newer = policy("henan-2021"), policy("zhengzhou-2022")
    assert (years_back(older), years_back(newer)) == (3, 3)
    assert within([older, newer], years_back(newer)) == [older, newer]
    assert within([older, newer], 0) == [newer]
    assert within([older, newer], None) == [older, newer]
