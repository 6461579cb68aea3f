"""Which subjects events touch, and the case of each: its facts in the planner's words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from services.notify.facts import store as facts
from services.notify.facts.domain import (
    NOMINEES,
    CellFact,
    ClassFact,
    CommissionFact,
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
    Duty,
    Existing,
    Held,
    cell_case,
    class_case,
    document_case,
    duty_case,
    entry_case,
    nominee_case,
    place_case,
    programme_case,
)
from services.notify.planning.domain.duties import YEAR
from services.notify.planning.domain.notices import NOTICE
from services.notify.planning.domain.people import Units
from services.notify.subjects.store import Q, Subject, ids, subjects
from shared.db import Connection
from shared.events import Event
from shared.events import blacklist as b
from shared.events import enrolment as e
from shared.policy import Policy
from shared.policy.moments import local_day

Owned = TypeVar("Owned", CommissionFact, ClassFact, DocumentFact, CellFact)
Ledger = Mapping[Subject, Sequence[Existing]]
Found = tuple[Case, Policy]
COUNTED = (e.TraineeSelected, e.TraineeRevoked, e.TraineeReplaced, e.TraineeRestored)


async def moved_units(con: Connection, known: Sequence[Known]) -> list[str]:
    """The units that are new, or no longer where or what they were; their events are not written yet.

    A new name alone leaves every plan as it is: below a city that is tens of thousands of them.
    """
    told = [ev for ev, _, _ in known if isinstance(ev, e.UnitRegistered)]
    columns = [[getattr(ev, column) for ev in told] for column in ("unit_id", "code", "kind", "level", "path")]
    return [r["unit_id"] for r in await con.fetch(Q.moved_units, *columns)] if told else []


async def touched(con: Connection, known: Sequence[Known], moved: Collection[str]) -> list[Subject]:
    """The subjects whose plan may change by these events and ``moved`` units; their facts are written already."""
    events = [event for event, _, _ in known]
    places = {ev.place_id for ev in events if isinstance(ev, e.PlaceEvent)}
    counted = {ev.place_id for ev in events if isinstance(ev, COUNTED)}
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
    found |= {("duty", key) for key in await _duties(con, events, classes)}
    found |= {("programme", key) for key in await _notices(con, events)}
    found |= set(await subjects(con, Q.of_programmes, _keys(events, e.ProgrammePublished)))
    found |= set(await subjects(con, Q.of_units, moved))
    return sorted(found)


async def _duties(con: Connection, events: Sequence[Event], classes: Collection[str]) -> set[str]:
    """What units owe for a project or a year, as far as the events may change it."""
    found = {Duty(ev.programme_id, p, ev.institution_id).key for ev in events
             if isinstance(ev, e.CommissionEvent) or (isinstance(ev, e.DocumentSubmitted) and ev.class_id is None)
             for p in (ev.project, YEAR)}  # fmt: skip
    cells = [ev.cell_id for ev in events if isinstance(ev, e.QuotaAllocated)]
    asked = ((Q.duties_of_classes, classes), (Q.duties_of_cells, cells), (Q.duties_of_units, _keys(events, e.UnitRegistered)),
             (Q.duties_of_programmes, _keys(events, e.ProgrammePublished)))  # fmt: skip
    for statement, keys in asked:
        found |= set(await ids(con, statement, keys))
    return found


async def _notices(con: Connection, events: Sequence[Event]) -> set[str]:
    """Years whose notice may have to reach somebody else."""
    found = {*_keys(events, e.ProgrammePublished)}
    found |= {ev.programme_id for ev in events if isinstance(ev, e.CommissionEvent)}
    return found | set(await ids(con, Q.notices_of_units, _keys(events, e.UnitRegistered)))


def _planned_again(events: Sequence[Event]) -> set[str]:
    return {ev.place_id for ev in events if isinstance(ev, (*COUNTED, e.TraineeAssigned))}


def _keys(events: Sequence[Event], kind: type[e.ProgrammePublished] | type[e.UnitRegistered]) -> list[str]:
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
    duties: Mapping[Duty, Held]
    levels: Mapping[Duty, str | None] = {}


async def owing(
    con: Connection, asked: Collection[Subject], policies: facts.Policies
) -> tuple[Facts, dict[Subject, Case]]:
    """Facts and cases without people, as if nobody had been told anything yet: what is owed does not hang on them."""
    found = await _facts(con, asked, people=False)
    units = await facts.units(con, {there.path for there in found.duties.values()})
    found = replace(found, levels={d: units[d.unit_id].level for d in found.duties if d.unit_id in units})
    planned = await _planned(con, asked, found, dict.fromkeys(asked, ()), policies)
    return found, {case.subject: case for case, _ in planned}


async def cases(con: Connection, asked: Collection[Subject], ledger: Ledger, policies: facts.Policies) -> list[Found]:
    """The case and the policy of each subject that can be planned: its own facts and its programme are known here."""
    return await _planned(con, asked, await _facts(con, asked), ledger, policies)


async def _planned(
    con: Connection, asked: Collection[Subject], found: Facts, ledger: Ledger, policies: facts.Policies
) -> list[Found]:
    paths = {x.unit_path for group in (found.places, found.cells, found.entries, found.nominees) for x in group}
    paths |= {there.path for there in found.duties.values()}
    units = await facts.units(con, paths)
    programmes = await _programmes(con, found, policies, [key for kind, key in asked if kind == "programme"])
    notices = [await _notice(con, programmes[key]) for kind, key in asked if kind == "programme" and key in programmes]
    return notices + [pair for pair in _cases(found, units, programmes, ledger) if pair[0].subject in ledger]


async def _facts(con: Connection, asked: Collection[Subject], *, people: bool = True) -> Facts:
    of = {
        kind: [key for k, key in asked if k == kind]
        for kind in ("cell", "class", "document", "entry", "nominee", "place")
    }
    places = await facts.places(con, of["place"], of["class"]) if people and (of["place"] or of["class"]) else []
    classes = await facts.classes(con, {p.class_id for p in places if p.class_id} | set(of["class"]))
    return Facts(
        classes=classes,
        dates=await facts.class_dates(con, of["class"]),
        places=places,
        documents=await facts.documents(con, of["document"], of["class"]),
        cells=await facts.cells(con, of["cell"]),
        entries=await facts.entries(con, of["entry"]),
        nominees=await facts.nominees(con, of["nominee"]),
        duties=await held(con, [Duty.of(key) for k, key in asked if k == "duty"]),
    )


async def held(con: Connection, duties: Sequence[Duty]) -> dict[Duty, Held]:
    """What is known of each duty; one that nothing is known of is left out."""
    if not duties:
        return {}
    asked = list({d.programme_id for d in duties}), list({d.unit_id for d in duties})
    commissions, classes = (
        _by_unit(await facts.commissions_of(con, *asked)),
        _by_unit(await facts.classes_of(con, *asked)),
    )
    documents, cells = _by_unit(await facts.documents_of(con, *asked)), _by_unit(await facts.cells_of(con, *asked))
    found = {}
    for duty in duties:
        own = duty.programme_id, duty.unit_id
        there = Held(
            [c for c in commissions.get(own, ()) if duty.project in {c.project, YEAR}],
            [c for c in classes.get(own, ()) if duty.project in {c.project, YEAR}],
            documents.get(own, ()),
            [c for c in cells.get(own, ()) if duty.project in {c.project, YEAR}],
        )
        if there.commissions or there.classes or there.cells:
            found[duty] = there
    return found


def _by_unit(those: Sequence[Owned]) -> dict[tuple[str, str], list[Owned]]:
    """By programme and by the unit that it is about."""
    found: dict[tuple[str, str], list[Owned]] = {}
    for one in those:
        unit_id = one.unit_id if isinstance(one, CellFact) else one.institution_id
        found.setdefault((one.programme_id, unit_id), []).append(one)
    return found


async def _notice(con: Connection, programme: Programme) -> Found:
    plans = [plan for plan in programme.policy.reminders.plans if plan.anchor.event == NOTICE]
    levels = {level for plan in plans for a in plan.audience for level in a.levels}
    on = local_day(programme.published_at, programme.policy.calendar)
    told = await facts.units_told(con, programme.issuer_path, sorted(levels), on)
    commissions = await facts.commissions_of(con, [programme.programme_id])
    return programme_case(programme, told, commissions), programme.policy


async def _programmes(
    con: Connection, found: Facts, policies: facts.Policies, notices: Collection[str]
) -> dict[str, Programme]:
    """By id and by policy key: entries know only the key."""
    groups = (found.classes.values(), found.places, found.cells, found.documents, found.nominees)
    wanted = {x.programme_id for group in groups for x in group} | {d.programme_id for d in found.duties} | set(notices)
    there = await policies.of(con, wanted, {n.policy_key for n in found.entries})
    return {name: p for p in there for name in (p.programme_id, p.key)}


def _cases(found: Facts, units: Units, programmes: Mapping[str, Programme], ledger: Ledger) -> Iterator[Found]:
    yield from _class_cases(found, units, programmes, ledger)
    yield from _nominee_cases(found, units, programmes)
    yield from _duty_cases(found, units, programmes)
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
            programme = programmes[entry.policy_key]
            case = entry_case(entry, units, ledger.get(("entry", entry.entry_id), ()), programme)
            yield case, programme.policy


def _nominee_cases(found: Facts, units: Units, programmes: Mapping[str, Programme]) -> Iterator[Found]:
    for nominee in found.nominees:
        if nominee.programme_id in programmes:
            yield nominee_case(nominee, units), programmes[nominee.programme_id].policy


def _duty_cases(found: Facts, units: Units, programmes: Mapping[str, Programme]) -> Iterator[Found]:
    for duty, there in found.duties.items():
        if duty.programme_id in programmes:
            programme = programmes[duty.programme_id]
            yield duty_case(duty, there, units, programme), programme.policy


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
