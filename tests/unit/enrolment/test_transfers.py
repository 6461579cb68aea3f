"""Places between siblings: the sum above them stays, and nobody gives what is bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.quota.domain import Mistake
from services.enrolment.transfers.domain import Move, decide_move
from shared.events.enrolment import QuotaAllocated
from tests.unit.enrolment.test_quota import cell, child, found


def totals(decision: list[QuotaAllocated] | list[Mistake]) -> list[tuple[str, int]]:
    return [(e.unit_id, e.places) for e in decision if isinstance(e, QuotaAllocated)]


@pytest.mark.rule("Q03")
def test_what_one_gives_the_other_takes_under_the_same_superior() -> None:
    decision = decide_move(Move(giver=cell("a", 30, selected=22), taker=child("b", cell("b", 10)), places=8))
    assert totals(decision) == [("a", 22), ("b", 18)]
    assert {(e.parent_cell_id, e.cohort) for e in decision if isinstance(e, QuotaAllocated)} == {
        ("cell-parent", "rural-teacher")
    }


def test_a_unit_without_a_cell_gets_one() -> None:
    decision = decide_move(Move(giver=cell("a", 30), taker=child("b"), places=5))
    assert totals(decision) == [("a", 25), ("b", 5)]
    assert isinstance(decision[1], QuotaAllocated)
    assert decision[1].cell_id == "new-b"


def test_what_is_selected_or_passed_on_stays_and_the_numbers_are_told() -> None:
    refused = decide_move(Move(giver=cell("a", 30, selected=28), taker=child("b"), places=3))
    assert found(refused) == [("quota-move-too-many", {"asked": 3, "places": 30, "bound": 28, "free": 2})]
    assert found(decide_move(Move(giver=cell("a", 30, passed=30), taker=child("b"), places=1)))[0][1]["free"] == 0


@pytest.mark.rule("A10")
def test_nobody_takes_places_without_a_contact() -> None:
    assert found(decide_move(Move(giver=cell("a", 30), taker=child("b", contacts=0), places=1))) == [
        ("unit-without-contact", {})
    ]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(1, 60))
def test_the_sum_stays_and_a_move_back_undoes_it(has: int, bound: int, other: int, places: int) -> None:
    giver, taker = cell("a", has, selected=min(has, bound)), cell("b", other)
    decision = decide_move(Move(giver=giver, taker=child("b", taker), places=places))
    after = dict(totals(decision))
    assert bool(after) == (places <= giver.places - giver.bound)
    if after:
        assert sum(after.values()) == has + other
        assert after["a"] >= giver.bound
        back = decide_move(Move(giver=cell("b", after["b"]), taker=child("a", cell("a", after["a"])), places=places))
        assert dict(totals(back)) == {"a": has, "b": other}
