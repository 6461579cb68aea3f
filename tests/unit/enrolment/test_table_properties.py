"""Quota on its whole way: the issuer's table, down the tree, between neighbours; in any order the parts never exceed the whole (Q03)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.quota.domain import Cell, Child, Grant, Mistake, decide_pass_down
from services.enrolment.tables.domain import Table, decide_table
from services.enrolment.transfers.domain import Move, decide_move
from shared.events.enrolment import QuotaAllocated
from tests.unit.enrolment.test_tables import ISSUER, NAMES

FIRST, BELOW = ("a", "b"), {"a": ("a1", "a2"), "b": ("b1", "b2")}
Decided = Sequence[QuotaAllocated] | Sequence[Mistake]


class HandOut(NamedTuple):
    """The table's numbers for the first units."""

    places: dict[str, int]
    synthetic: bool


class PassDown(NamedTuple):
    """A unit's numbers for the ones below it."""

    unit: str
    places: tuple[int, int]


class Shift(NamedTuple):
    """Places from one neighbour to the other."""

    giver: str
    places: int


class Fill(NamedTuple):
    """Places filled by selecting, as far as there are any."""

    unit: str
    people: int


Command = HandOut | PassDown | Shift | Fill


class Tree:
    """Two levels of cells under one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cells: dict[str, Cell] = {}
        self.selected: dict[str, int] = {}

    def cell(self, unit: str) -> Cell | None:
        held = self.cells.get(unit)
        passed = sum(self.cells[u].places for u in BELOW.get(unit, ()) if u in self.cells)
        return held and msgspec.structs.replace(held, selected=self.selected.get(unit, 0), passed=passed)

    def held(self, units: Sequence[str]) -> list[Cell]:
        return [c for u in units if (c := self.cell(u))]

    def grants(self, places: Mapping[str, int]) -> list[Grant]:
        return [Grant(self.child(u), n) for u, n in places.items()]

    def child(self, unit: str) -> Child:
        return Child(cell_id=f"cell-{unit}", unit_id=unit, unit_path=f"/h/{unit}/", unit=NAMES, cell=self.cell(unit), contacts=1)  # fmt: skip

    def play(self, command: Command) -> int:
        events = [d for d in self._decided(command) if isinstance(d, QuotaAllocated)]
        for e in events:
            self.cells[e.unit_id] = Cell(
                cell_id=e.cell_id, parent_cell_id=e.parent_cell_id, programme_id="p", policy_key="k", project="j", cohort="c",
                unit_id=e.unit_id, unit_path=e.unit_path, unit=NAMES, places=e.places, synthetic=e.synthetic, version=1)  # fmt: skip
        return len(events)

    def _decided(self, command: Command) -> Decided:
        match command:
            case HandOut(places, synthetic):
                return decide_table(ISSUER, self.table, self.held(FIRST), self.grants(places), synthetic=synthetic)
            case PassDown(unit, places):
                parent, below = self.cell(unit), BELOW[unit]
                wanted = self.grants(dict(zip(below, places, strict=True)))
                return decide_pass_down(parent, self.held(below), wanted) if parent else []
            case Shift(unit, places):
                giver = self.cell(unit)
                taker = next(u for u in FIRST if u != unit)
                return decide_move(Move(giver=giver, taker=self.child(taker), places=places)) if giver else []
            case Fill(unit, people):
                held = self.cell(unit)
                self.selected[unit] = max(
                    self.selected.get(unit, 0), min(people, held.places - held.passed if held else 0)
                )
                return []


def holds(tree: Tree) -> None:
    if tree.table.total is not None:
        assert sum(c.places for c in tree.held(FIRST)) <= tree.table.total
    for unit in (*FIRST, *BELOW["a"], *BELOW["b"]):
        cell = tree.cell(unit)
        assert cell is None or cell.selected + cell.passed <= cell.places


handing = st.builds(HandOut, st.dictionaries(st.sampled_from(FIRST), st.integers(0, 12), min_size=1), st.booleans())
commands = st.one_of(
    handing,
    st.builds(PassDown, st.sampled_from(FIRST), st.tuples(st.integers(0, 8), st.integers(0, 8))),
    st.builds(Shift, st.sampled_from(FIRST), st.integers(1, 6)),
    st.builds(Fill, st.sampled_from(["a", "b", "a1", "b2"]), st.integers(0, 8)),
)


@pytest.mark.rule("Q03")
@given(st.none() | st.integers(0, 20), st.lists(commands, max_size=20))
def test_no_commands_in_any_order_hand_out_more_than_there_is(total: int | None, order: list[Command]) -> None:
    tree = Tree(Table(total=total))
    for command in order:
        tree.play(command)
        holds(tree)
        if not isinstance(command, Shift):
            assert tree.play(command) == 0, "asking again changes nothing"


@pytest.mark.rule("Q01")
@given(st.integers(1, 12), st.lists(handing, max_size=10))
def test_where_each_gets_the_same_nobody_ever_holds_anything_else(each: int, order: list[HandOut]) -> None:
    tree = Tree(Table(each=each, list="counties"))
    for command in order:
        asked = dict.fromkeys(command.places, each) if sum(command.places.values()) % 2 else command.places
        tree.play(HandOut(asked, command.synthetic))
        assert {c.places for c in tree.held(FIRST)} <= {0, each}
