"""Passing quota down the unit tree (Q03): at each level the parts never exceed the whole."""

from collections.abc import Mapping, Sequence

import msgspec

from shared.events.base import Names
from shared.events.enrolment import QuotaAllocated


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """The places of one unit in one cohort. ``selected`` counts places in force, ``passed`` what its children hold."""

    cell_id: str
    parent_cell_id: str | None
    programme_id: str
    policy_key: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    unit: Names
    places: int
    synthetic: bool
    version: int
    selected: int = 0
    passed: int = 0

    @property
    def bound(self) -> int:
        """Places that can't be taken back: they are filled or passed on."""
        return self.selected + self.passed


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A unit right under the one that passes down, with its cell if it has one; ``cell_id`` is the id to be used."""

    cell_id: str
    unit_id: str
    unit_path: str
    unit: Names
    cell: Cell | None
    contacts: int


class Grant(msgspec.Struct, frozen=True):
    """The new total of one child."""

    child: Child
    places: int


class Mistake(msgspec.Struct, frozen=True):
    """Why quota can't be passed down so: a problem code with its numbers and the unit that it is about."""

    code: str
    unit: Names
    numbers: dict[str, int] = {}
    unit_id: str = ""


def decide_pass_down(
    parent: Cell, siblings: Sequence[Cell], grants: Sequence[Grant]
) -> list[QuotaAllocated] | list[Mistake]:
    """New totals for children of ``parent``; ``siblings`` are all its locked child cells. All mistakes are told at once.

    A grant that changes nothing leads to no event, so repeating a command is harmless.
    """
    mistakes = [m for g in grants for m in _mistakes(g)]
    over = _total(siblings, grants) + parent.selected - parent.places
    if over > 0:
        mistakes.append(_too_many(parent, over))
    if mistakes:
        return mistakes
    changed = [g for g in grants if g.child.cell is None or g.child.cell.places != g.places]
    return [new_total(parent, parent.cell_id, g) for g in changed]


def _mistakes(grant: Grant) -> list[Mistake]:
    cell, child, found = grant.child.cell, grant.child, []
    if cell and grant.places < cell.selected:
        numbers = {"places": grant.places, "selected": cell.selected}
        found.append(Mistake("quota-below-selected", child.unit, numbers, child.unit_id))
    elif cell and grant.places < cell.bound:
        numbers = {"places": grant.places, "bound": cell.bound}
        found.append(Mistake("quota-below-passed-on", child.unit, numbers, child.unit_id))
    if grant.places and not child.contacts:
        found.append(Mistake("unit-without-contact", child.unit, {}, child.unit_id))
    return found


def _total(siblings: Sequence[Cell], grants: Sequence[Grant]) -> int:
    totals = {c.unit_id: c.places for c in siblings} | {g.child.unit_id: g.places for g in grants}
    return sum(totals.values())


def _too_many(parent: Cell, over: int) -> Mistake:
    code = "quota-exceeded-selected" if parent.selected else "quota-exceeded"
    numbers = {"given": parent.places + over - parent.selected, "places": parent.places, "over": over}
    return Mistake(code, parent.unit, numbers | {"selected": parent.selected}, parent.unit_id)


def new_total(like: Cell, parent_cell_id: str | None, grant: Grant) -> QuotaAllocated:
    """The event of a child's new total, in the cohort of the cell ``like``."""
    child = grant.child
    return QuotaAllocated(
        cell_id=child.cell.cell_id if child.cell else child.cell_id,
        parent_cell_id=parent_cell_id,
        programme_id=like.programme_id,
        policy_key=like.policy_key,
        project=like.project,
        cohort=like.cohort,
        unit_id=child.unit_id,
        unit_path=child.unit_path,
        places=grant.places,
        synthetic=like.synthetic,
    )


def next_version(cells: Mapping[str, Cell], event: QuotaAllocated) -> int:
    """The stream version that the event takes."""
    cell = cells.get(event.cell_id)
    return cell.version + 1 if cell else 1
