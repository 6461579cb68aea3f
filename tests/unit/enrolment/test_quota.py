"""Quota goes down the tree and the parts never exceed the whole."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.quota.domain import Cell, Child, Grant, Mistake, decide_pass_down
from shared.events.base import Names
from shared.events.enrolment import QuotaAllocated


def cell(name: str, places: int, **changes: Any) -> Cell:
    values: dict[str, Any] = {
        "cell_id": f"cell-{name}",
        "parent_cell_id": None if name == "parent" else "cell-parent",
        "programme_id": "programme",
        "policy_key": "henan-2021",
        "project": "rural",
        "cohort": "rural-teacher",
        "unit_id": name,
        "unit_path": f"/p/{name}/",
        "unit": Names(name, name),
        "places": places,
        "synthetic": True,
        "version": 1,
    }
    return Cell(**values | changes)


def child(name: str, existing: Cell | None = None, contacts: int = 1) -> Child:
    return Child(
        cell_id=f"new-{name}",
        unit_id=name,
        unit_path=f"/p/{name}/",
        unit=Names(name, name),
        cell=existing,
        contacts=contacts,
    )


def found(decision: list[QuotaAllocated] | list[Mistake]) -> list[tuple[str, dict[str, int]]]:
    return [(m.code, m.numbers) for m in decision if isinstance(m, Mistake)]


@pytest.mark.rule("Q03")
def test_two_more_than_the_quota_say_so() -> None:
    grants = [Grant(child("a"), 30), Grant(child("b"), 17)]
    decision = decide_pass_down(cell("parent", 45), [], grants)
    assert found(decision) == [("quota-exceeded", {"given": 47, "places": 45, "over": 2, "selected": 0})]


def test_siblings_that_are_not_named_count() -> None:
    sibling = cell("a", 30)
    assert found(decide_pass_down(cell("parent", 45), [sibling], [Grant(child("b"), 16)]))[0][1]["over"] == 1
    assert len(decide_pass_down(cell("parent", 45), [sibling], [Grant(child("b"), 15)])) == 1


def test_a_unit_keeps_what_it_selected_itself() -> None:
    decision = decide_pass_down(cell("parent", 20, selected=5), [], [Grant(child("a"), 16)])
    assert found(decision)[0] == ("quota-exceeded-selected", {"given": 16, "places": 20, "over": 1, "selected": 5})


def test_places_that_are_filled_or_passed_on_can_not_be_taken_back() -> None:
    filled, passing = cell("a", 25, selected=22), cell("b", 10, passed=8)
    grants = [Grant(child("a", filled), 20), Grant(child("b", passing), 7)]
    assert found(decide_pass_down(cell("parent", 45), [filled, passing], grants)) == [
        ("quota-below-selected", {"places": 20, "selected": 22}),
        ("quota-below-passed-on", {"places": 7, "bound": 8}),
    ]


@pytest.mark.rule("A10")
def test_a_unit_without_contact_gets_no_quota() -> None:
    assert found(decide_pass_down(cell("parent", 45), [], [Grant(child("a", contacts=0), 1)])) == [
        ("unit-without-contact", {})
    ]


def test_nothing_happens_when_nothing_changes() -> None:
    same = cell("a", 30)
    assert decide_pass_down(cell("parent", 45), [same], [Grant(child("a", same), 30)]) == []


@given(
    st.integers(0, 60),
    st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 40), min_size=1), max_size=12),
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 10)), max_size=4),
)
def test_however_often_it_is_passed_down_the_sum_holds(
    places: int, rounds: list[dict[str, int]], filled: list[tuple[str, int]]
) -> None:
    parent, cells = cell("parent", places), dict[str, Cell]()
    selected = dict(filled)
    for wanted in rounds:
        grants = [Grant(child(n, cells.get(n)), amount) for n, amount in wanted.items()]
        for event in decide_pass_down(parent, list(cells.values()), grants):
            if isinstance(event, QuotaAllocated):
                before = cells.get(event.unit_id)
                cells[event.unit_id] = msgspec.structs.replace(
                    before or cell(event.unit_id, 0), places=event.places, cell_id=event.cell_id
                )
        cells = {n: _fill(c, selected.get(n, 0)) for n, c in cells.items()}
        assert sum(c.places for c in cells.values()) <= places
        assert all(c.places >= c.selected for c in cells.values())


def _fill(one: Cell, selected: int) -> Cell:
    return msgspec.structs.replace(one, selected=max(one.selected, min(selected, one.places)))
