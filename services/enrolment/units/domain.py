"""The unit tree from a file: what is new, what changed, and what can't be (A04, A05)."""

from collections.abc import Mapping, Sequence

import msgspec

from shared.events.base import Names
from shared.events.enrolment import UnitRegistered
from shared.policy.units import UnitEntry, UnitsFile


class KnownUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that is on record: the last event of its stream and the version of that."""

    event: UnitRegistered
    version: int


class Mistake(msgspec.Struct, frozen=True):
    """Why a unit can't be taken: a problem code and the codes that it is about."""

    code: str
    unit: str
    other: str = ""


def decide_import(
    file: UnitsFile, known: Mapping[str, KnownUnit], ids: Mapping[str, str]
) -> list[UnitRegistered] | list[Mistake]:
    """Events for the units of the file that are new or changed, superiors first.

    ``known`` holds the units on record by code, ``ids`` gives an id for each code of the file. A reporting line never
    changes: whoever moves gets a new code and the old one ends (definitions, units).
    """
    entries = {u.code: u for u in file.units}
    mistakes = [m for u in file.units for m in _mistakes(u, entries, known)]
    if mistakes:
        return mistakes
    paths = {code: k.event.path for code, k in known.items()}
    events = [_event(file, entries[code], ids, known, paths) for code in _superiors_first(entries)]
    return [e for e in events if e.code not in known or known[e.code].event != e]


def _mistakes(unit: UnitEntry, entries: Mapping[str, UnitEntry], known: Mapping[str, KnownUnit]) -> list[Mistake]:
    above = unit.reports_to
    if above is None:
        return [Mistake("superior-changed", unit.code, "—")] if _moved(unit, known) else []
    if above not in entries and above not in known:
        return [Mistake("superior-unknown", unit.code, above)]
    if _circle(unit.code, entries):
        return [Mistake("superior-circle", unit.code, above)]
    return [Mistake("superior-changed", unit.code, above)] if _moved(unit, known) else []


def _moved(unit: UnitEntry, known: Mapping[str, KnownUnit]) -> bool:
    before, above = known.get(unit.code), known.get(unit.reports_to or "")
    if before is None:
        return False
    new_superior = unit.reports_to is not None and above is None
    return new_superior or before.event.parent_id != (above.event.unit_id if above else None)


def _circle(code: str, entries: Mapping[str, UnitEntry]) -> bool:
    seen, above = {code}, entries[code].reports_to
    while above is not None and above in entries:
        if above in seen:
            return True
        seen.add(above)
        above = entries[above].reports_to
    return False


def _superiors_first(entries: Mapping[str, UnitEntry]) -> Sequence[str]:
    def depth(code: str) -> int:
        above = entries[code].reports_to
        return 1 + depth(above) if above is not None and above in entries else 0

    return sorted(entries, key=depth)


def _event(
    file: UnitsFile, unit: UnitEntry, ids: Mapping[str, str], known: Mapping[str, KnownUnit], paths: dict[str, str]
) -> UnitRegistered:
    unit_id = known[unit.code].event.unit_id if unit.code in known else ids[unit.code]
    above = unit.reports_to
    paths[unit.code] = f"{paths[above] if above else '/'}{unit_id}/"
    valid = file.validity_of(unit)
    return UnitRegistered(
        unit_id=unit_id,
        code=unit.code,
        kind=unit.kind,
        level=file.level_of(unit),
        parent_id=paths[above].rstrip("/").rpartition("/")[2] if above else None,
        path=paths[unit.code],
        names=Names(zh=unit.names.zh, en=unit.names.en),
        school_kind=unit.school_kind,
        rural=unit.rural,
        valid_from=valid.start,
        valid_until=valid.until,
    )
