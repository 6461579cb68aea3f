"""Audiences: the units above some places, offices, persons."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.notify.facts.domain import PlaceFact, Programme, UnitFact
from services.notify.planning.domain.case import only
from services.notify.planning.domain.rows import Recipient

Units = Mapping[str, UnitFact]
SCHOOL = "school"


def units_above(paths: Mapping[str, datetime], units: Units, institution_path: str | None) -> dict[str, Recipient]:
    """Every known unit on the paths; each since the earliest of the paths through it (``path -> since``)."""
    since: dict[str, datetime] = {}
    for path, at in paths.items():
        for unit_id in path.strip("/").split("/"):
            since[unit_id] = min(at, since.get(unit_id, at))
    return {u: Recipient("unit", u, at, units[u].path, institution_path) for u, at in since.items() if u in units}


def contacts(found: Mapping[str, Recipient], units: Units) -> dict[str, tuple[Recipient, ...]]:
    """The audiences ``unit_contact:<level>`` and ``school_contact`` out of units; a year names its levels as it likes."""
    levels: dict[str, dict[str, Recipient]] = {}
    for unit_id, recipient in found.items():
        levels.setdefault(units[unit_id].level or "", {})[unit_id] = recipient
    audiences = {f"unit_contact:{level}": only(those) for level, those in levels.items() if level}
    schools = {unit_id: recipient for unit_id, recipient in found.items() if units[unit_id].kind == SCHOOL}
    return audiences | {"school_contact": only(schools)}


def offices(programme: Programme, since: datetime, institution_path: str | None) -> dict[str, tuple[Recipient, ...]]:
    """The audiences ``office:<key>``: role addresses of the issuer (D06)."""
    return {f"office:{o.key}": (Recipient("office", o.key, since, programme.issuer_path, institution_path),)
            for o in programme.policy.offices}  # fmt: skip


def institution(unit_id: str, path: str, since: datetime) -> tuple[Recipient, ...]:
    """The contact of a training institution."""
    return (Recipient("unit", unit_id, since, path, path),)


def trainee(place: PlaceFact, since: datetime) -> Recipient:
    """The holder of a place."""
    return Recipient("person", place.person_id, since, place.unit_path, place.institution_path, place.place_id)


def earliest(places: Iterable[PlaceFact]) -> dict[str, datetime]:
    """``unit path -> since when one of its people is concerned``."""
    found: dict[str, datetime] = {}
    for place in places:
        at = joined(place)
        found[place.unit_path] = min(at, found.get(place.unit_path, at))
    return found


def joined(place: PlaceFact) -> datetime:
    """Since when the place's class concerns its holder."""
    return place.assigned_at or place.selected_at


def persons(places: Sequence[PlaceFact]) -> frozenset[str]:
    """Their holders."""
    return frozenset(p.person_id for p in places)
