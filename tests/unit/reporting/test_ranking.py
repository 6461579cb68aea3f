from fractions import Fraction
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.ranking import NOT_RANKED, Entrant, draw, leaves_excused, rate
from services.reporting.league.domain.ratios import Rate
from tests.unit.reporting.given import entrant, formula, rules

PAIRS = st.lists(st.integers(0, 40).flatmap(lambda e: st.tuples(st.integers(0, e), st.just(e))), max_size=30)


def entrants(pairs: list[tuple[int, int]]) -> list[Entrant]:
    return [entrant(f"{410000 + i}", {"checked_in": c, "expected": e}) for i, (c, e) in enumerate(pairs)]


@given(PAIRS, st.randoms())
def test_ranks_agree_with_brute_force(pairs: list[tuple[int, int]], random: Random) -> None:
    given_order = entrants(pairs)
    random.shuffle(given_order)
    table = draw(given_order, formula(), [formula()], rules(min_size=10))
    for lines, wanted in ((table.ranked, lambda e: e >= 10), (table.small, lambda e: 0 < e < 10)):
        here = {f"{410000 + i}": Fraction(c, e) for i, (c, e) in enumerate(pairs) if wanted(e)}  # type: ignore[no-untyped-call]  # a lambda has no types
        assert {x.entrant.code: x.rank for x in lines} == {
            code: 1 + sum(other > mine for other in here.values()) for code, mine in here.items()
        }
        assert [x.entrant.code for x in lines] == sorted(here, key=lambda code: (-here[code], code))
    assert {x.entrant.code for x in table.not_ranked} == {f"{410000 + i}" for i, (_, e) in enumerate(pairs) if e == 0}
    assert table.total.measures["checkin"].rate == Rate(sum(c for c, _ in pairs), sum(e for _, e in pairs))


@pytest.mark.rule("M16")
def test_competition_ranking_leaves_a_gap_after_a_tie() -> None:
    table = draw(entrants([(18, 20), (20, 20), (9, 10), (10, 20)]), formula(), [formula()], rules())
    assert [(x.rank, x.entrant.code) for x in table.ranked] == [
        (1, "410001"),
        (2, "410000"),
        (2, "410002"),
        (4, "410003"),
    ]
    dense = draw(entrants([(18, 20), (20, 20), (9, 10), (10, 20)]), formula(), [formula()], rules(ties="dense"))
    assert [x.rank for x in dense.ranked] == [1, 2, 2, 3]


@pytest.mark.rule("M02", "M16")
def test_nobody_expected_is_not_ranked_and_few_stand_by_themselves() -> None:
    table = draw(entrants([(0, 0), (8, 8), (9, 9), (10, 10)]), formula(), [formula()], rules())
    assert [x.entrant.code for x in table.not_ranked] == ["410000"]
    assert [(x.entrant.code, x.rank) for x in table.small] == [("410001", 1), ("410002", 1)]
    assert [(x.entrant.code, x.rank) for x in table.ranked] == [("410003", 1)]
    assert not table.not_ranked[0].measures["checkin"].rate.defined


def test_small_units_follow_their_parameter() -> None:
    few = entrants([(8, 8), (10, 10)])
    with_rest = draw(few, formula(), [formula()], rules(small_units="with_the_rest"))
    assert [x.rank for x in with_rest.ranked] == [1, 1]
    none = draw(few, formula(), [formula()], rules(small_units="not_ranked"))
    assert [x.entrant.code for x in none.not_ranked] == ["410000"]
    assert none.small == []


def test_places_of_no_row_count_in_the_total_and_are_not_ranked() -> None:
    rest = msgspec.structs.replace(entrant("", {"checked_in": 20, "expected": 20}), unit_id="")
    table = draw([*entrants([(18, 20)]), rest], formula(), [formula()], rules())
    assert [x.state for x in table] == ["ranked", NOT_RANKED]
    assert table.total.measures["checkin"].rate == Rate(38, 40)


@pytest.mark.rule("M01", "M03", "M04")
def test_each_formula_takes_its_own_fraction() -> None:
    counts = entrant("410100", {"quota": 20, "selected": 19, "registered": 18, "checked_in": 17, "completed": 16}).plain
    assert rate(formula("registered", "quota"), counts) == Rate(18, 20)
    assert rate(formula("selected", "quota"), counts) == Rate(19, 20)
    assert rate(formula("completed", "checked_in"), counts) == Rate(16, 17)
    assert rate(formula("completed", "selected"), counts) == Rate(16, 19)


@pytest.mark.rule("M06", "M09")
def test_quality_is_a_fraction_and_a_score_nobody_entered_is_no_rate() -> None:
    counts = entrant("410100", {"selected": 20, "met_every_condition": 19}).plain
    assert rate(formula("met_every_condition", "selected"), counts) == Rate(19, 20)
    score = formula(numerator=None, denominator=None, value="inspection_score", max="100")
    assert not rate(score, counts).defined


def test_excused_leave_both_halves_of_a_formula_by_its_own_word_alone() -> None:
    assert not leaves_excused(formula())
    assert leaves_excused(formula(exclude=["excused"]))
