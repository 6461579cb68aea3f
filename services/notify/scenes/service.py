"""Puts a message's scene together from facts and contacts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.notify.contacts.domain import Book, Reach
from services.notify.facts.domain import UnitFact
from services.notify.scenes.store import Known, Record
from services.notify.sending.domain import Claimed
from services.notify.wording.domain import Klass, Scene
from shared.events import Names

NAMES_AT_MOST: Final = 60
SCHOOL: Final = "school"


def asks(rows: Sequence[Claimed], known: Known) -> tuple[set[str], set[str], set[str]]:
    """Whose contacts a batch needs: people, units, classes (for their staff)."""
    people = {r.person_id for r in rows if r.person_id}
    people |= {p for r in rows if r.recipient_kind == "unit" for p in _persons(r, known)[:NAMES_AT_MOST]}
    units = {r.unit_id for r in rows if r.unit_id} | {u for r in rows for u in _who_answers(r, known)}
    return people, units, set(known.classes)


def scene(row: Claimed, known: Known, book: Book, now: datetime) -> Scene:
    """The scene of one row; a recipient without contact gets an empty name, the row will not be sent."""
    programme = known.programmes[row.policy_key]
    klass = known.classes.get(_class_of(row, known) or "")
    persons = _persons(row, known) if row.recipient_kind == "unit" else ()
    names = [book.people[p].name for p in persons[:NAMES_AT_MOST] if p in book.people]
    return Scene(
        now=now,
        policy=programme.policy,
        template=row.template,
        announced=row.announced,
        previous=row.previous,
        reach=book.of(row.recipient_kind, row.recipient_id) or Reach(""),
        unit=_unit(row, known, book),
        root=_root(row.unit_path or programme.issuer_path, known),
        phone=_phone(row, known, book),
        klass=klass,
        persons=names,
        count=len(persons),
        staff=book.staff.get(klass.class_id, ()) if klass else (),
        **_details(row, known, klass),
    )


def _root(path: str, known: Known) -> tuple[str, Names] | None:
    """Code and names of the unit at the top of a path."""
    unit = known.units.get(path.strip("/").split("/")[0])
    return (unit.code, Names(zh=unit.name_zh, en=unit.name_en)) if unit else None


def _class_of(row: Claimed, known: Known) -> str | None:
    about = known.documents.get(row.subject_id) or known.entries.get(row.subject_id) or {}
    return row.class_id or about.get("class_id")


def _details(row: Claimed, known: Known, klass: Klass | None) -> dict[str, Any]:
    if row.subject_kind == "cell":
        cell = known.cells[row.subject_id]
        return {"project": cell.project, "quota": cell.places, "selected": cell.selected}
    if row.subject_kind == "place":
        return {"project": known.places[row.subject_id]["project"]}
    if row.subject_kind == "nominee":
        return {"project": known.nominees[row.subject_id]["project"]}
    if row.subject_kind == "document":
        return _document(known.documents[row.subject_id], known.units)
    if row.subject_kind == "entry":
        entry = known.entries[row.subject_id]
        return {"cause": entry["cause"], "ranges": entry["ranges"] or (), "project": klass.project if klass else None}
    return {"project": klass.project if klass else None, "document": _owed(row, known)}


def _document(record: Record, units: Mapping[str, UnitFact]) -> dict[str, Any]:
    unit = units.get(record["institution_id"])
    return {"document": record["document"], "received": record["submitted_at"], "punctual": bool(record["on_time"]),
            "unit_in": Names(zh=unit.name_zh, en=unit.name_en) if unit else None}  # fmt: skip


def _owed(row: Claimed, known: Known) -> str | None:
    """The document that a reminder's deadline asks for."""
    policy = known.programmes[row.policy_key].policy
    deadline = next((p.anchor.deadline for p in policy.reminders.plans if p.key == row.kind), None)
    return next((d.key for d in policy.documents if deadline and d.due == deadline), None)


def _persons(row: Claimed, known: Known) -> Sequence[str]:
    if row.subject_kind == "class":
        return known.members.get((row.class_id or "", row.unit_path or ""), ())
    about = {"place": known.places, "entry": known.entries, "nominee": known.nominees}
    records = about.get(row.subject_kind, {})
    return [records[key]["person_id"] for key in (row.subject_id, *row.merged) if key in records]


def _unit(row: Claimed, known: Known, book: Book) -> Names | None:
    unit = known.units.get(row.unit_id or "")
    if unit:
        return Names(zh=unit.name_zh, en=unit.name_en)
    reach = book.of(row.recipient_kind, row.recipient_id)
    return Names(zh=reach.name, en=reach.name) if reach and row.recipient_kind == "office" else None


def _who_answers(row: Claimed, known: Known) -> Iterator[str]:
    """Units whose phone may stand in the message, the nearest first."""
    klass = known.classes.get(_class_of(row, known) or "")
    if klass and (row.recipient_kind == "unit" or row.template.startswith("cancelled")):
        yield klass.institution_id
    above = [u for u in reversed((row.unit_path or "").split("/")) if u in known.units and u != row.unit_id]
    yield from (u for u in above if known.units[u].level and known.units[u].kind != SCHOOL)
    yield from [known.programmes[row.policy_key].issuer_unit_id]


def _phone(row: Claimed, known: Known, book: Book) -> str | None:
    """The one phone that a person answers."""
    return next((r.phone for u in _who_answers(row, known) if (r := book.units.get(u)) and r.phone), None)
