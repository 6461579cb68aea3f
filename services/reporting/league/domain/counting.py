"""From tallies of places to the counts that a rate is made of."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec


class Counts(msgspec.Struct, frozen=True):
    """The counts of one unit or institution.

    None where the notion does not exist: quota of an institution, inspections of a unit. ``inspection_score`` and
    ``inspection_max`` are sums over the inspections (M09).

    ``checked_in <= expected`` and, with check-in, ``completed <= checked_in`` always hold; ``excused`` is a part of
    ``expected`` that is also shown by itself (M01-M06, D12).
    """

    quota: int | None = 0
    selected: int = 0
    registered: int = 0
    expected: int = 0
    checked_in: int = 0
    completed: int = 0
    met_every_condition: int = 0
    excused: int = 0
    documents_due: int = 0
    documents_on_time: int = 0
    inspections: int | None = None
    inspection_score: Decimal | None = None
    inspection_max: Decimal | None = None

    def of(self, fact: str) -> int:
        """A count by its name in a formula; what does not exist counts as nothing."""
        value: int | None = getattr(self, fact)
        return value or 0

    def __add__(self, other: "Counts") -> "Counts":
        pairs = [(getattr(self, f), getattr(other, f)) for f in self.__struct_fields__]
        sums: list[Any] = [None if a is b is None else (a or 0) + (b or 0) for a, b in pairs]
        return Counts(*sums)


class Tally(msgspec.Struct, frozen=True):
    """Places of one unit, one cohort, excused or not: how many are at which point.

    Revoked, replaced and cancelled places are not in it (L13, M16).
    """

    cohort: str
    excused: bool
    selected: int
    met_every_condition: int
    registered: int
    expected: int
    checked_in: int
    completed: int
    completed_after_checkin: int


def count(
    tallies: Iterable[Tally],
    quota: Mapping[str, int] | None,
    without_checkin: Collection[str],
    stand_in: str | None,
    *,
    leave_excused: bool = False,
) -> Counts:
    """Sum the tallies of one unit. ``quota`` is by cohort.

    In a cohort without a check-in form ``stand_in`` (a fact's name, or None for nothing) stands for both expected and
    checked in. With ``leave_excused`` a formula leaves excused places out of both of its halves.
    """
    taken = [t for t in tallies if not (leave_excused and t.excused)]
    parts = [_part(t, without_checkin, stand_in) for t in taken]
    return sum(parts, Counts(quota=None if quota is None else sum(quota.values())))


def _part(tally: Tally, without_checkin: Collection[str], stand_in: str | None) -> Counts:
    open_ended = tally.cohort in without_checkin
    stands: dict[str, Any] = {"expected": tally.expected, "checked_in": tally.checked_in}
    if open_ended:
        amount = getattr(tally, stand_in) if stand_in else 0
        stands = {"expected": amount, "checked_in": amount}
    return Counts(
        quota=None,
        selected=tally.selected,
        registered=tally.registered,
        completed=tally.completed if open_ended else tally.completed_after_checkin,
        met_every_condition=tally.met_every_condition,
        excused=tally.expected if tally.excused else 0,
        **stands,
    )
