"""Moving places between units of one superior: the sum above them stays (Q03)."""

import msgspec

from services.enrolment.quota.domain import Cell, Child, Grant, Mistake, new_total
from shared.events.enrolment import QuotaAllocated


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """So many places of the giver's cell for the taker; both are locked, and both hang under the same superior."""

    giver: Cell
    taker: Child
    places: int


def decide_move(move: Move) -> list[QuotaAllocated] | list[Mistake]:
    """Two new totals, the giver's first. What is filled or passed on can't be given; who takes names a contact (A10)."""
    giver, taker = move.giver, move.taker
    mistakes = []
    free = giver.places - giver.bound
    if move.places > free:
        numbers = {"asked": move.places, "places": giver.places, "bound": giver.bound, "free": free}
        mistakes.append(Mistake("quota-move-too-many", giver.unit, numbers, giver.unit_id))
    if not taker.contacts:
        mistakes.append(Mistake("unit-without-contact", taker.unit, {}, taker.unit_id))
    return mistakes or [_given(move), _taken(move)]


def _given(move: Move) -> QuotaAllocated:
    giver = move.giver
    child = Child(cell_id=giver.cell_id, unit_id=giver.unit_id, unit_path=giver.unit_path, unit=giver.unit, cell=giver, contacts=1)  # fmt: skip
    return new_total(giver, giver.parent_cell_id, Grant(child, giver.places - move.places))


def _taken(move: Move) -> QuotaAllocated:
    has = move.taker.cell.places if move.taker.cell else 0
    return new_total(move.giver, move.giver.parent_cell_id, Grant(move.taker, has + move.places))
