"""Puts a message's scene together from facts and contacts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.notify.contacts.domain import Book, Reach
from services.notify.facts.domain import CellFact, UnitFact
from services.notify.planning.domain.duties import YEAR, Duty, missing, owed
from services.notify.scenes.store import Known, Record
from services.notify.sending.domain import Claimed
from services.notify.wording.domain import Gap, Klass, Scene
from shared.events import Names
from shared.policy import Policy

NAMES_AT_MOST: Final = 60
SCHOOL: Final = "school"


def asks(rows: Sequence[Claimed], known: Known) -> tuple[set[str], set[str], set[str]]:
    """Whose contacts a batch needs: people, units, classes (for their staff)."""
    people = {r.person_id for r in rows if r.person_id}
    people |= {p for r in rows if r.recipient_kind == "unit" for p in _persons(r, known)[:NAMES_AT_MOST]}
    units = {r.unit_id for r in rows if r.unit_id} | {u for r in rows for u in who_answers(r, known)}
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
        template=_template(row, known),
        announced=row.announced,
        previous=row.previous,
        reach=book.of(row.recipient_kind, row.recipient_id) or Reach(""),
        unit=_unit(row, known),
        root=_root(row.unit_path or programme.issuer_path, known),
        phone=_phone(row, known, book),
        klass=klass,
        persons=names,
        count=len(persons),
        staff=book.staff.get(klass.class_id, ()) if klass else (),
        **_details(row, known, klass),
    )


def _root(path: str, known: Known) -> Names | None:
    """Names of the unit at the top of a path."""
    unit = known.units.get(path.strip("/").split("/")[0])
    return Names(zh=unit.name_zh, en=unit.name_en) if unit else None


def _class_of(row: Claimed, known: Known) -> str | None:
    about = known.documents.get(row.subject_id) or known.entries.get(row.subject_id) or {}
    return row.class_id or about.get("class_id")


def _template(row: Claimed, known: Known) -> str:
    """Of several quotas in one message the sum is told; a class that moves to the day it was on has only another place or time."""
    if row.template.startswith("moved-") and row.previous == row.announced:
        return row.template.replace("moved-", "rearranged-")
    return row.template.replace("quota-", "quotas-") if len(_cells(row, known)) > 1 else row.template


def _cells(row: Claimed, known: Known) -> Sequence[CellFact]:
    keys = dict.fromkeys((row.subject_id, *row.merged)) if row.subject_kind == "cell" else ()
    found = [known.cells[key] for key in keys if key in known.cells]
    lacking = [cell for cell in found if cell.selected < cell.places]
    return sorted(lacking, key=lambda c: (c.unit_path, c.project, c.cohort)) or found[:1]


def _details(row: Claimed, known: Known, klass: Klass | None) -> dict[str, Any]:
    about: dict[str, Callable[[], dict[str, Any]]] = {
        "cell": lambda: _quota(_cells(row, known), known),
        "duty": lambda: _duty(row, known),
        "programme": dict,
        "place": lambda: {"project": known.places[row.subject_id]["project"]},
        "nominee": lambda: {"project": known.nominees[row.subject_id]["project"]},
        "document": lambda: _document(known.documents[row.subject_id], known.units),
        "entry": lambda: _entry(known.entries[row.subject_id], klass),
        "class": lambda: _of_class(row, known, klass),
    }
    return about[row.subject_kind]()


def _entry(entry: Record, klass: Klass | None) -> dict[str, Any]:
    return {"cause": entry["cause"], "ranges": entry["ranges"] or (), "project": klass.project if klass else None}


def _of_class(row: Claimed, known: Known, klass: Klass | None) -> dict[str, Any]:
    return {"project": klass.project if klass else None, "document": _owed(row, known), "papers": _results(row, known, klass),
            "owner": _name(known, klass.institution_id if klass else None)}  # fmt: skip


def _quota(cells: Sequence[CellFact], known: Known) -> dict[str, Any]:
    gaps = [Gap(_name(known, c.unit_id), c.project, c.places, c.selected) for c in cells]
    return {"project": cells[0].project, "owner": gaps[0].owner, "gaps": gaps, "quota": sum(g.quota for g in gaps),
            "selected": sum(g.selected for g in gaps)}  # fmt: skip


def _duty(row: Claimed, known: Known) -> dict[str, Any]:
    policy, duty = known.programmes[row.policy_key].policy, Duty.of(row.subject_id)
    held, unit = known.duties[duty], known.units.get(duty.unit_id)
    found: dict[str, Any] = {
        "project": None if duty.project == YEAR else duty.project,
        "owner": _name(known, duty.unit_id),
    }
    if row.template.startswith("bulletin"):
        paper = next(d for d in owed(duty, policy, level=None) if d.behind)
        came = sum(d.document == paper.key for d in held.documents)
        return {**found, "document": paper.key, "quota": paper.count.min, "selected": came}
    level = unit.level if held.cells and unit else None
    left = missing(duty, _deadline(row, policy), held.documents, policy, level)
    return {**found, "papers": [(d.key, n) for d, n in left]}


def _results(row: Claimed, known: Known, klass: Klass | None) -> Sequence[tuple[str, int]]:
    """What a trainee hands in at the end."""
    policy = known.programmes[row.policy_key].policy
    if klass is None or not row.template.startswith("results"):
        return ()
    return [(d.key, 1) for d in policy.documents if d.owed_by == "trainee" and d.due == _deadline(row, policy)
            and (not d.cohorts or klass.cohort in d.cohorts)]  # fmt: skip


def _name(known: Known, unit_id: str | None) -> Names | None:
    unit = known.units.get(unit_id or "")
    return Names(zh=unit.name_zh, en=unit.name_en) if unit else None


def _deadline(row: Claimed, policy: Policy) -> str | None:
    return next((p.anchor.deadline for p in policy.reminders.plans if p.key == row.kind), None)


def _document(record: Record, units: Mapping[str, UnitFact]) -> dict[str, Any]:
    unit = units.get(record["institution_id"])
    return {"project": record["project"], "document": record["document"], "received": record["submitted_at"], "punctual": bool(record["on_time"]),
            "unit_in": Names(zh=unit.name_zh, en=unit.name_en) if unit else None}  # fmt: skip


def _owed(row: Claimed, known: Known) -> str | None:
    """The document that a reminder's deadline asks for."""
    policy = known.programmes[row.policy_key].policy
    deadline = _deadline(row, policy)
    return next((d.key for d in policy.documents if deadline and d.due == deadline), None)


def _persons(row: Claimed, known: Known) -> Sequence[str]:
    if row.subject_kind == "class":
        return known.members.get((row.class_id or "", row.unit_path or ""), ())
    about = {"place": known.places, "entry": known.entries, "nominee": known.nominees}
    records = about.get(row.subject_kind, {})
    return [records[key]["person_id"] for key in (row.subject_id, *row.merged) if key in records]


def _unit(row: Claimed, known: Known) -> Names | None:
    if unit := _name(known, row.unit_id):
        return unit
    offices = known.programmes[row.policy_key].policy.offices if row.recipient_kind == "office" else ()
    return next((Names(zh=o.names.zh, en=o.names.en) for o in offices if o.key == row.recipient_id), None)


def who_answers(row: Claimed, known: Known) -> Iterator[str]:
    """Units whose phone may stand in the message, the nearest first; nobody is told to call himself."""
    yield from (u for u in _near(row, known) if row.recipient_kind != "unit" or u != row.recipient_id)


def _near(row: Claimed, known: Known) -> Iterator[str]:
    klass = known.classes.get(_class_of(row, known) or "")
    if klass and (row.recipient_kind == "unit" or row.template.startswith("cancelled")):
        yield klass.institution_id
    above = [u for u in reversed((row.unit_path or "").split("/")) if u in known.units and u != row.unit_id]
    yield from (u for u in above if known.units[u].level and known.units[u].kind != SCHOOL)
    yield from [known.programmes[row.policy_key].issuer_unit_id]


def _phone(row: Claimed, known: Known, book: Book) -> str | None:
    """The one phone that a person answers."""
    return next((r.phone for u in who_answers(row, known) if (r := book.units.get(u)) and r.phone), None)
