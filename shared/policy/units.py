"""Units of a policy, and the units file (``shipei-units/1``): codes, reporting lines and lists, with validity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from shared.policy.common import Count, Key, LevelRef, Noted, ProjectRef, Quoted, Text, UnitCode, UnitListRef

Configured = Annotated[Literal["configured"], Meta(extra={"code": "P010"})]


class Level(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One level of the tree; ``under`` names the levels it may hang under, ``list`` limits it to a list of units."""

    key: Key
    names: Text
    kinds: tuple[str, ...]
    under: tuple[LevelRef, ...] = ()
    list: UnitListRef | None = None


class Contacts(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How many contacts a unit must name (A10)."""

    required: int
    per: Literal["unit"]
    missing: Literal["fail_loudly", "warn"]


class UnitsSection(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The data set and the tree of a programme year; ``root`` is the issuer."""

    dataset: Key
    valid_on: date
    root: UnitCode
    levels: tuple[Level, ...]
    contacts: Contacts


class Office(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A role address. The address itself is configuration, never policy."""

    key: Key
    role: Literal["province", "project_office", "city", "county", "inspector"]
    names: Text
    address: Configured
    serves: Literal["all"] | tuple[ProjectRef, ...] = ()
    host: Text | None = None


class Validity(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """First and last day, both included; no last day means still valid."""

    start: date = field(name="from")
    until: date | None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day and (self.until is None or day <= self.until)


class CodeSystem(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    names: Text


class UnitKind(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A kind of unit and the level of the tree where it stands; an institution stands at none."""

    key: Key
    names: Text
    level: str | None


class UnitEntry(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One unit. ``reports_to`` says where quota and figures flow, ``located_in`` is geography only."""

    code: Quoted
    system: str
    kind: str
    reports_to: Quoted | None
    names: Text
    valid: Validity | None = None
    located_in: Quoted | None = None
    school_kind: str | None = None
    rural: bool = False
    division_names: Text | None = None


class UnitList(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``count_once_with``: a list that shares members with this one; nobody is counted twice."""

    key: Key
    names: Text
    valid: Validity
    members: tuple[Quoted, ...]
    expect_count: Count | None = None
    count_once_with: Key | None = None


@dataclass(frozen=True)
class KnownUnit:
    """What the validator must know of a unit."""

    code: str
    kind: str
    reports_to: str | None
    valid_from: date | None = None
    valid_until: date | None = None

    def valid_on(self, day: date) -> bool:
        """True on the first and the last day as well."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True)
class KnownUnits:
    """The units a policy is checked against; ``lists`` None means that lists of units are not known."""

    units: dict[str, KnownUnit]
    lists: Mapping[str, tuple[str, ...]] | None = None

    @classmethod
    def of(cls, units: Iterable[KnownUnit]) -> "KnownUnits":
        """From the rows of a unit table."""
        return cls({unit.code: unit for unit in units})

    def above(self, code: str) -> list[str]:
        """The superiors of a unit, nearest first; ends at a unit that is not known or comes round again."""
        found: list[str] = []
        unit = self.units.get(code)
        while unit and unit.reports_to and unit.reports_to not in found:
            found.append(unit.reports_to)
            unit = self.units.get(unit.reports_to)
        return found


class UnitsFile(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A units file as read."""

    format: Literal["shipei-units/1"]
    dataset: Key
    revision: int
    names: Text
    valid_default: Validity
    code_systems: tuple[CodeSystem, ...]
    kinds: tuple[UnitKind, ...]
    units: tuple[UnitEntry, ...]
    lists: tuple[UnitList, ...] = ()

    def unit(self, code: str) -> UnitEntry:
        """The unit of this code; KeyError when there is none."""
        for unit in self.units:
            if unit.code == code:
                return unit
        raise KeyError(code)

    def level_of(self, unit: UnitEntry) -> str | None:
        """The level of the unit's kind."""
        return next((kind.level for kind in self.kinds if kind.key == unit.kind), None)

    def validity_of(self, unit: UnitEntry) -> Validity:
        """The unit's own validity, or that of the file."""
        return unit.valid or self.valid_default

    def known(self) -> KnownUnits:
        """The same units as the validator takes them."""
        rows = [
            KnownUnit(unit.code, unit.kind, unit.reports_to, valid.start, valid.until)
            for unit in self.units
            for valid in [self.validity_of(unit)]
        ]
        return KnownUnits({row.code: row for row in rows}, {entry.key: entry.members for entry in self.lists})
