"""The cases of a place, a quota cell and a document that came."""

from collections.abc import Iterator
from datetime import date

from services.notify.facts.domain import CellFact, ClassFact, DocumentFact, PlaceFact, Programme
from services.notify.planning.domain.case import EVERYONE, Anchor, Case
from services.notify.planning.domain.people import Units, contacts, institution, offices, trainee, units_above
from services.notify.planning.domain.rows import Recipient
from shared.policy.dates import Deadline
from shared.policy.moments import due_at, local_day


def place_case(place: PlaceFact, cls: ClassFact | None, units: Units) -> Case:
    """A place: the holder and the school are told of the selection (Q03). One person each; a school's are gathered."""
    over = place.revoked_at or place.checked_in_at or place.dropout_at or place.completed_at
    above = units_above({place.unit_path: place.selected_at}, units, place.institution_path)
    return Case(
        kind="place",
        id=place.place_id,
        version=1,
        anchors={
            "event:trainee_selected": Anchor(
                at=place.selected_at, since=place.selected_at, template="selected", version=1
            )
        },
        moments={"class_start": cls.starts_on} if cls and cls.cancelled_at is None else {},
        audiences={**contacts(above, units), "trainee": (trainee(place, place.selected_at),)} if not place.revoked_at else {},
        settled={},
        left=frozenset({place.person_id} if place.revoked_at else ()),
        class_id=place.class_id,
        gathers=True,
        topic=f"{place.programme_id}|{place.project}",
        open=not over,
    )  # fmt: skip


def cell_case(cell: CellFact, units: Units, programme: Programme) -> Case:
    """A quota cell: its unit is told how much is missing before selection closes (D07, D08, Q04)."""
    unit = units.get(cell.unit_id)
    since = max(programme.published_at, cell.since)
    due = dict(_selection(cell, unit.level if unit else None, programme))
    above = units_above({cell.unit_path: since}, units, None)
    own = {cell.unit_id: above[cell.unit_id]} if cell.unit_id in above else {}
    parent = _parent(cell, above)
    return Case(
        kind="cell",
        id=cell.cell_id,
        version=max((d.toordinal() for d in due.values()), default=0),
        anchors={f"deadline:{key}": Anchor(at=d, since=since, template="quota", version=d.toordinal(), announced=d,
                 owner=cell.unit_id)
                 for key, d in due.items()},
        moments={},
        audiences={**contacts(own, units), **offices(programme, since, None), "parent_contact": parent},
        settled={"quota_filled": frozenset({EVERYONE} if cell.selected >= cell.places else ())},
    )  # fmt: skip


def _parent(cell: CellFact, above: dict[str, Recipient]) -> tuple[Recipient, ...]:
    parents = cell.unit_path.strip("/").split("/")[:-1]
    return (above[parents[-1]],) if parents and parents[-1] in above else ()


def _selection(cell: CellFact, level: str | None, programme: Programme) -> Iterator[tuple[str, date]]:
    """The deadlines of selection that hold for a cell. Their date is the version: another date is another reminder."""
    policy = programme.policy
    for d in policy.deadlines:
        due = due_at(d.due, {}, policy.calendar)
        if d.act in {"select", "nominate"} and due is not None and _holds(d, cell.project, level):
            yield d.key, local_day(due, policy.calendar)


def _holds(deadline: Deadline, project: str, level: str | None) -> bool:
    return (not deadline.projects or project in deadline.projects) and (not deadline.levels or level in deadline.levels)


def document_case(document: DocumentFact, programme: Programme) -> Case:
    """A document that came: receipt to the institution, copy to the office (D06)."""
    at, path = document.submitted_at, document.institution_path
    return Case(
        kind="document",
        id=document.document_id,
        version=1,
        anchors={"event:document_submitted": Anchor(at=at, since=at, template="receipt", version=1)},
        moments={},
        audiences={
            "institution_contact": institution(document.institution_id, path, at),
            **offices(programme, at, path),
        },
        settled={},
        class_id=document.class_id,
        open=False,
    )
