"""Scores of inspections beside rates: exact, without interval, ranked however few."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.publishing import published
from services.reporting.league.domain.ranking import draw, measure
from tests.unit.reporting.given import entrant, formula, rules

SCORE = formula(None, None, key="inspection", value="inspection_score", max="100")
POINTS = st.decimals(0, 100, places=2)


@given(st.lists(st.lists(POINTS, max_size=4), max_size=8))
def test_ranks_follow_the_exact_mean(inspections: list[list[Decimal]]) -> None:
    lines = [
        entrant(f"{n}", {"inspections": len(p), "inspection_score": sum(p, Decimal(0)), "inspection_max": Decimal(100 * len(p))}, "inspection")
        for n, p in enumerate(inspections)
    ]  # fmt: skip
    table = draw(lines, SCORE, [SCORE], rules(min_size=10))
    means = {f"{n}": Fraction(sum(p, Decimal(0))) / len(p) for n, p in enumerate(inspections) if p}
    assert {x.entrant.code: x.rank for x in table.ranked} == {
        code: 1 + sum(other > mine for other in means.values()) for code, mine in means.items()
    }
    assert table.small == []
    assert {x.entrant.code for x in table.not_ranked} == {f"{n}" for n, p in enumerate(inspections) if not p}


@pytest.mark.rule("M09", "M16")
@pytest.mark.parametrize(("score", "most", "printed"), [
    ("94.5", "100", "94.50"), ("44", "50", "88.00"), ("0", "100", "0.00"), ("283.015", "300", "94.34"), ("2", "3", "66.67"),
])  # fmt: skip
def test_a_score_is_printed_out_of_the_formulas_maximum(score: str, most: str, printed: str) -> None:
    line = entrant("a", {"inspections": 1, "inspection_score": Decimal(score), "inspection_max": Decimal(most)})
    said = published(measure(SCORE, line.plain), rules())
    assert (said["score"], said["max"], said["percent"], said["interval"]) == (printed, "100", None, None)


def test_without_an_inspection_there_is_no_score() -> None:
    assert published(measure(SCORE, entrant("a", {}).plain), rules())["score"] is None
