"""What every section is made of: provenance, texts, durations, amounts, moments, counts and marked strings."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

KEY_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]*$"

Key = Annotated[str, Meta(pattern=KEY_PATTERN, extra={"code": "P005"})]
Quoted = Annotated[str, Meta(extra={"quoted": True})]
Anchor = Literal[
    "class_start",
    "class_end",
    "phase_end",
    "project_end",
    "checkin_closed",
    "selected",
    "confirmed",
    "reply_ends",
    "itself",
]


def ref(table: str, code: str = "P008") -> Meta:
    """Marks a string as the name of an entry elsewhere; ``code`` is the error when it isn't there."""
    return Meta(extra={"ref": table, "missing": code})


UnitCode = Annotated[str, Meta(extra={"quoted": True, "ref": "unit", "missing": "P020"})]
LevelRef = Annotated[str, ref("level")]
FormRef = Annotated[str, ref("form")]
ProjectRef = Annotated[str, ref("project")]
OfficeRef = Annotated[str, ref("office")]
ListRef = Annotated[str, ref("list")]
PlanLevelRef = Annotated[str, ref("plan_level")]
GroupRef = Annotated[str, ref("group")]
CohortRef = Annotated[str, ref("cohort")]
StructureRef = Annotated[str, ref("structure")]
ActivityRef = Annotated[str, ref("activity")]
SourceRef = Annotated[str, ref("source")]
AnnexRef = Annotated[str, ref("annex")]
UnitListRef = Annotated[str, ref("unit_list")]
StaffRoleRef = Annotated[str, ref("terms.staff_roles", "P011")]
ChangeCauseRef = Annotated[str, ref("terms.change_causes", "P011")]
EvidenceRef = Annotated[str, ref("terms.evidence", "P011")]
ContentRef = Annotated[str, ref("terms.contents", "P011")]
PropertyRef = Annotated[str, ref("terms.properties", "P011")]


class Provenance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an entry comes from. It never changes behaviour; pages show it."""

    rules: tuple[str, ...] = ()
    source: str | None = None
    assumed: bool = False
    because: str | None = None
    synthetic: bool = False
    invented: bool = False
    note: str | None = None


class Noted(Provenance, frozen=True, kw_only=True, omit_defaults=True):
    """A mapping of the file. ``notes`` holds the provenance of its lists, written as ``<list>_note``."""

    notes: dict[str, Provenance] = {}


class Text(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A text in both languages."""

    zh: str
    en: str


class Words(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Words in both languages; an alias may exist in one of them only."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


def _exactly_one(values: Iterable[int | None]) -> None:
    given = [value for value in values if value is not None]
    if len(given) != 1 or given[0] < 0:
        raise ValueError("exactly one unit, never negative")


class Duration(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A length of time in exactly one unit."""

    calendar_days: int | None = None
    working_days: int | None = None
    hours: int | None = None
    weeks: int | None = None
    months: int | None = None
    years: int | None = None

    def __post_init__(self) -> None:
        _exactly_one(self._units)

    @property
    def _units(self) -> tuple[int | None, ...]:
        return self.calendar_days, self.working_days, self.hours, self.weeks, self.months, self.years

    @property
    def value(self) -> int:
        """The number that is written, in whatever unit."""
        return next(number for number in self._units if number is not None)


class Amount(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How much of a phase: days, hours or years."""

    days: int | None = None
    hours: int | None = None
    years: int | None = None

    def __post_init__(self) -> None:
        _exactly_one((self.days, self.hours, self.years))

    @property
    def unit(self) -> Literal["days", "hours", "years"]:
        """The unit that is written."""
        if self.days is not None:
            return "days"
        return "years" if self.hours is None else "hours"

    @property
    def value(self) -> int:
        """The number that is written."""
        return self.days or self.hours or self.years or 0


class Moment(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A date, or a distance from an anchor. Without ``at`` it means the whole day."""

    date: dt.date | None = None
    anchor: Anchor | None = None
    before: Duration | None = None
    after: Duration | None = None
    at: Annotated[dt.time, Meta(extra={"quoted": True})] | None = None
    phase: Literal["first", "last"] | None = None

    def __post_init__(self) -> None:
        distance = self.before or self.after
        if (self.date is None) == (self.anchor is None):
            raise ValueError("a date or an anchor")
        if (self.before and self.after) or (self.date and distance):
            raise ValueError("before or after, and only with an anchor")


class Count(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How many, inclusive at both ends; a plain ``10`` in the file is both ends."""

    min: int | None = None
    max: int | None = None

    def __post_init__(self) -> None:
        if self.min is None and self.max is None:
            raise ValueError("min or max")
        if min(self.min or 0, self.max or 0) < 0:
            raise ValueError("never negative")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")

    @classmethod
    def of(cls, number: int) -> "Count":
        """Exactly ``number``."""
        return cls(min=number, max=number)


def label(item: Any, index: int) -> str:
    """How a path names an item of a list: its key or code, or its place counted from 1."""
    return str(getattr(item, "key", None) or getattr(item, "code", None) or index + 1)
