"""From tallies of places to the counts that a rate is made of."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from shared.policy.tables import TableRules


class Counts(msgspec.Struct, frozen=True):
    """The counts of one unit or institution.

    None where the notion does not exist: quota of an institution, inspections of a unit. ``inspection_score`` and
    ``inspection_max`` are sums over the inspections (M09).

    ``checked_in <= expected`` and, with check-in, ``completed <= checked_in`` always hold; ``excused`` is a part of
    ``expected``, unless the table rules keep it out there, and is also shown by itself (M01-M06, D12).
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
    rules: TableRules,
    *,
    leave_excused: bool = False,
) -> Counts:
    """Sum the tallies of one unit. ``quota`` is by cohort.

    In a cohort without a check-in form the fact that the rules name stands for both expected and checked in. The rules also
    say whether excused places are expected. With ``leave_excused`` a formula leaves them out of both of its halves.
    """
    taken = [t for t in tallies if not (leave_excused and t.excused)]
    parts = [_part(t, without_checkin, rules) for t in taken]
    return sum(parts, Counts(quota=None if quota is None else sum(quota.values())))


def _part(tally: Tally, without_checkin: Collection[str], rules: TableRules) -> Counts:
    open_ended = tally.cohort in without_checkin
    awaited = Counts()
    if rules.excused_in_expected or not tally.excused:
        awaited = _open_ended(tally, rules) if open_ended else _with_checkin(tally)
    return msgspec.structs.replace(
        awaited,
        quota=None,
        selected=tally.selected,
        registered=tally.registered,
        met_every_condition=tally.met_every_condition,
        excused=tally.expected if tally.excused else 0,
    )


def _with_checkin(tally: Tally) -> Counts:
    """What is counted of those who were expected."""
    return Counts(expected=tally.expected, checked_in=tally.checked_in, completed=tally.completed_after_checkin)


def _open_ended(tally: Tally, rules: TableRules) -> Counts:
    amount: int = getattr(tally, rules.without_checkin_use)
    return Counts(expected=amount, checked_in=amount, completed=tally.completed)
