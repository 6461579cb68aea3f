"""Which subjects events touch, and the case of each: its facts in the planner's words."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from services.notify.facts import store as facts
from services.notify.facts.domain import (
    NOMINEES,
    CellFact,
    ClassFact,
    DateFact,
    DocumentFact,
    EntryFact,
    Known,
    NomineeFact,
    PlaceFact,
    Programme,
)
from services.notify.planning.domain import (
    Case,
    Existing,
    cell_case,
    class_case,
    document_case,
    entry_case,
    nominee_case,
    place_case,
)
from services.notify.planning.domain.people import Units
from services.notify.subjects.store import Q, Subject, ids, subjects
from shared.db import Connection
from shared.events import blacklist as b
from shared.events import enrolment as e
from shared.policy import Policy

Ledger = Mapping[Subject, Sequence[Existing]]
Found = tuple[Case, Policy]


async def touched(con: Connection, known: Sequence[Known]) -> list[Subject]:
    """The subjects whose plan may change by these events; their facts are written already."""
    events = [event for event, _, _ in known]
    places = {ev.place_id for ev in events if isinstance(ev, e.PlaceEvent)}
    counted = {ev.place_id for ev in events if isinstance(ev, (e.TraineeSelected, e.TraineeRevoked))}
    classes = {ev.class_id for ev in events if isinstance(ev, e.ClassEvent)}
    owed = {ev.class_id for ev in events if isinstance(ev, e.DocumentSubmitted) and ev.class_id}
    found: set[Subject] = {("place", p) for p in _planned_again(events)}
    found |= {("class", c) for c in classes | owed | set(await ids(con, Q.classes_of_places, places))}
    found |= {("place", p) for p in await ids(con, Q.planned_places_of_classes, classes)}
    found |= {("cell", c) for c in await ids(con, Q.cells_above_places, counted)}
    found |= {("cell", ev.cell_id) for ev in events if isinstance(ev, e.QuotaAllocated)}
    found |= {("document", ev.document_id) for ev in events if isinstance(ev, e.DocumentSubmitted)}
    found |= {("nominee", ev.nomination_id) for ev in events if isinstance(ev, NOMINEES)}
    found |= {("entry", ev.stream) for ev in events if isinstance(ev, b.BanEvent)}
    found |= set(await subjects(con, Q.of_programmes, _keys(events, e.ProgrammePublished)))
    found |= set(await subjects(con, Q.of_units, _keys(events, e.UnitRegistered)))
    return sorted(found)


def _planned_again(events: Sequence[object]) -> set[str]:
    kinds = (e.TraineeSelected, e.TraineeAssigned, e.TraineeRevoked)
    return {ev.place_id for ev in events if isinstance(ev, kinds)}


def _keys(events: Sequence[object], kind: type[e.ProgrammePublished] | type[e.UnitRegistered]) -> list[str]:
    return [ev.stream for ev in events if isinstance(ev, kind)]


class Facts(Struct, frozen=True):
    """The facts of some subjects."""

    classes: Mapping[str, ClassFact]
    dates: Sequence[DateFact]
    places: Sequence[PlaceFact]
    documents: Sequence[DocumentFact]
    cells: Sequence[CellFact]
    entries: Sequence[EntryFact]
    nominees: Sequence[NomineeFact]


async def cases(con: Connection, asked: Collection[Subject], ledger: Ledger, policies: facts.Policies) -> list[Found]:
    """The case and the policy of each subject that can be planned: its own facts and its programme are known here."""
    found = await _facts(con, asked)
    paths = {x.unit_path for group in (found.places, found.cells, found.entries, found.nominees) for x in group}
    units = await facts.units(con, paths)
    programmes = await _programmes(con, found, policies)
    return [pair for pair in _cases(found, units, programmes, ledger) if pair[0].subject in ledger]


async def _facts(con: Connection, asked: Collection[Subject]) -> Facts:
    of = {
        kind: [key for k, key in asked if k == kind]
        for kind in ("cell", "class", "document", "entry", "nominee", "place")
    }
    places = await facts.places(con, of["place"], of["class"]) if of["place"] or of["class"] else []
    classes = await facts.classes(con, {p.class_id for p in places if p.class_id} | set(of["class"]))
    return Facts(
        classes=classes,
        dates=await facts.class_dates(con, of["class"]),
        places=places,
        documents=await facts.documents(con, of["document"], of["class"]),
        cells=await facts.cells(con, of["cell"]),
        entries=await facts.entries(con, of["entry"]),
        nominees=await facts.nominees(con, of["nominee"]),
    )


async def _programmes(con: Connection, found: Facts, policies: facts.Policies) -> dict[str, Programme]:
    """By id and by policy key: entries know only the key."""
    groups = (found.classes.values(), found.places, found.cells, found.documents, found.nominees)
    wanted = {x.programme_id for group in groups for x in group}
    there = await policies.of(con, wanted, {n.policy_key for n in found.entries})
    return {name: p for p in there for name in (p.programme_id, p.key)}


def _cases(found: Facts, units: Units, programmes: Mapping[str, Programme], ledger: Ledger) -> Iterator[Found]:
    yield from _class_cases(found, units, programmes, ledger)
    yield from _nominee_cases(found, units, programmes)
    for place in found.places:
        if place.programme_id in programmes:
            cls = found.classes.get(place.class_id or "")
            yield place_case(place, cls, units), programmes[place.programme_id].policy
    for cell in found.cells:
        if cell.programme_id in programmes:
            yield cell_case(cell, units, programmes[cell.programme_id]), programmes[cell.programme_id].policy
    for document in found.documents:
        if document.programme_id in programmes:
            programme = programmes[document.programme_id]
            yield document_case(document, programme), programme.policy
    for entry in found.entries:
        if entry.policy_key in programmes:
            case = entry_case(entry, units, ledger.get(("entry", entry.entry_id), ()))
            yield case, programmes[entry.policy_key].policy


def _nominee_cases(found: Facts, units: Units, programmes: Mapping[str, Programme]) -> Iterator[Found]:
    for nominee in found.nominees:
        if nominee.programme_id in programmes:
            yield nominee_case(nominee, units), programmes[nominee.programme_id].policy


def _class_cases(found: Facts, units: Units, programmes: Mapping[str, Programme], ledger: Ledger) -> Iterator[Found]:
    places: dict[str | None, list[PlaceFact]] = {}
    for place in found.places:
        places.setdefault(place.class_id, []).append(place)
    for key, cls in found.classes.items():
        programme, existing = programmes.get(cls.programme_id), ledger.get(("class", key))
        if programme and existing is not None:
            dates = [d for d in found.dates if d.class_id == key]
            documents = [d for d in found.documents if d.class_id == key]
            case = class_case(cls, dates, places.get(key, []), documents, units, programme, existing)
            yield case, programme.policy
