"""What a list is compared with: units on record, kinds, and what hangs on a unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import msgspec

from services.enrolment.rosters.domain import normalise
from services.enrolment.units.domain import KnownUnit
from shared.events.base import Names

RURAL: Final = ("township", "village")


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What a word of the column "kind" stands for; ``depth`` is that of its level, None for an institution.

    A kind of school says whether the school is rural; the bare word for a school leaves what is on record.
    """

    kind: str
    level: str | None
    depth: int | None
    names: Names
    school_kind: str | None = None
    rural: bool = False


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What hangs on a unit: units below it, people, rosters, cells of quota and their places, of all years."""

    children: int = 0
    people: int = 0
    rosters: int = 0
    cells: int = 0
    places: int = 0

    @property
    def anything(self) -> bool:
        """Whether its path stands in other rows, so that it can't change."""
        return any((self.children, self.people, self.rosters, self.cells))


def meanings(kinds: Sequence[Meant], school_kinds: Mapping[str, Names]) -> dict[str, Meant]:
    """Each spelling of a kind: its key and its names; a kind of school stands for a school of that kind."""
    schools = [
        msgspec.structs.replace(school, names=names, school_kind=key, rural=key in RURAL)
        for school in kinds
        if school.kind == "school"
        for key, names in school_kinds.items()
    ]
    return {
        normalise(word): m for m in [*kinds, *schools] for word in (m.school_kind or m.kind, m.names.zh, m.names.en)
    }


@dataclass(frozen=True)
class Tree:
    """The units that a list may speak of: everything under ``root``, and whatever else has one of its codes."""

    root: KnownUnit
    units: Mapping[str, KnownUnit]
    kinds: Mapping[str, Meant]
    today: date

    def below(self, code: str) -> bool:
        """Whether the code is on record under the root."""
        known = self.units.get(code)
        return known is not None and known.event.path.startswith(self.root.event.path) and not self.is_root(code)

    def is_root(self, code: str) -> bool:
        return code == self.root.event.code

    def superior_of(self, code: str) -> str:
        """The code of the superior on record; empty where it is not among the units."""
        return self._codes.get(self.units[code].event.parent_id or "", "")

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        return {k.event.unit_id: k.event.code for k in (*self.units.values(), self.root)}

    def ended(self, code: str) -> bool:
        """Whether the unit's last day has come."""
        until = self.units[code].event.valid_until
        return until is not None and until <= self.today

    def depth(self, kind: str) -> int | None:
        """How deep units of a kind on record stand."""
        return self._depths.get(kind)

    @cached_property
    def _depths(self) -> Mapping[str, int | None]:
        return {m.kind: m.depth for m in self.kinds.values()}
