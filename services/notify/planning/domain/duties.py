"""What a unit owes for a project or a year: the form, a class date, reports, plans, bulletins (D01, D03, D10, D11, Q25)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Self

from msgspec import Struct

from services.notify.facts.domain import CellFact, ClassFact, CommissionFact, DocumentFact, Programme
from services.notify.planning.domain.case import EVERYONE, Anchor, Case
from services.notify.planning.domain.people import Units, contacts, institution, offices, units_above
from shared.policy import Policy
from shared.policy.documents import Document
from shared.policy.moments import Anchors, due_at, local_day

YEAR: Final = "*"


class Duty(NamedTuple):
    """A unit in one project of a year; project ``*`` is what is owed once a year."""

    programme_id: str
    project: str
    unit_id: str

    @classmethod
    def of(cls, key: str) -> Self:
        """From the id of its subject."""
        return cls(*key.split(":"))

    @property
    def key(self) -> str:
        """The id of its subject."""
        return ":".join(self)


class Held(Struct, frozen=True):
    """What is known of a unit in a project (or a year): commissions, classes that are not cancelled, papers, quota."""

    commissions: Sequence[CommissionFact]
    classes: Sequence[ClassFact]
    documents: Sequence[DocumentFact]
    cells: Sequence[CellFact]

    @property
    def path(self) -> str:
        """The unit's path."""
        known = [c.institution_path for c in self.commissions] + [c.institution_path for c in self.classes]
        return [*known, *[c.unit_path for c in self.cells]][0]

    @property
    def since(self) -> datetime | None:
        """Since when it owes without any class: it carries the project, or has places in it."""
        held = [c.commissioned_at for c in self.commissions if c.released_at is None] + [c.since for c in self.cells]
        return min(held, default=None)

    @property
    def running(self) -> list[ClassFact]:
        """The classes that count."""
        return [c for c in self.classes if c.cancelled_at is None]

    @property
    def ends(self) -> tuple[date, datetime] | None:
        """The last day of all classes, and since when it is that day."""
        if not self.running:
            return None
        day = max(c.ends_on for c in self.running)
        said = [c.rescheduled_at or c.scheduled_at for c in self.running if c.ends_on == day]
        return day, max([min(said), *[c.cancelled_at for c in self.classes if c.cancelled_at]])


def duty_case(duty: Duty, held: Held, units: Units, programme: Programme) -> Case:
    """A duty with all that was handed in for it."""
    policy = programme.policy
    anchors = dict(_year(duty, held, policy) if duty.project == YEAR else _project(duty, held, programme, units))
    above = units_above({held.path: programme.published_at}, units, None)
    own = {duty.unit_id: above[duty.unit_id]} if duty.unit_id in above else {}
    return Case(
        kind="duty",
        id=duty.key,
        version=max((a.version for a in anchors.values()), default=0),
        anchors=anchors,
        moments={"project_end": held.ends[0]} if held.ends else {},
        audiences={
            **contacts(own, units),
            **offices(programme, programme.published_at, held.path),
            "institution_contact": ()
            if _level(duty, held, units)
            else institution(duty.unit_id, held.path, programme.published_at),
        },
        settled=dict(_settled(duty, held, policy, units)),
    )


def owed(duty: Duty, policy: Policy, *, level: str | None) -> list[Document]:
    """The papers of a duty: of an institution by project, of a unit by its level. What is told by an entry is no paper."""
    mine = [d for d in policy.documents if d.count.min and set(d.accept) != {"entry"} and _of(d, level)]
    if duty.project == YEAR:
        return [d for d in mine if d.per == "institution" and len(d.projects) != 1]
    return [
        d for d in mine if duty.project in d.projects or (not d.projects and d.per in {"project", "unit_and_project"})
    ]


def _of(document: Document, level: str | None) -> bool:
    if document.owed_by == "institution":
        return level is None and document.per in {"project", "institution"}
    return document.owed_by == "unit" and document.per == "unit_and_project" and level in document.levels


def missing(
    duty: Duty, deadline: str | None, documents: Sequence[DocumentFact], policy: Policy, level: str | None
) -> list[tuple[Document, int]]:
    """What is still owed under a deadline, with how many of each."""
    keys = [d.document for d in documents if duty.project in {d.project, YEAR} or len(_only(d, policy)) == 1]
    left = [(d, (d.count.min or 1) - keys.count(d.key)) for d in owed(duty, policy, level=level) if d.due == deadline]
    return [(d, n) for d, n in left if n > 0]


def _only(document: DocumentFact, policy: Policy) -> Sequence[str]:
    return next((d.projects for d in policy.documents if d.key == document.document), ())


def _project(duty: Duty, held: Held, programme: Programme, units: Units) -> Iterator[tuple[str, Anchor]]:
    policy, level = programme.policy, _level(duty, held, units)
    papers = {d.due for d in owed(duty, policy, level=level)}
    for deadline in policy.deadlines:
        dates = deadline.act == "announce_class_start" and level is None
        if not (dates or deadline.key in papers) or (deadline.projects and duty.project not in deadline.projects):
            continue
        since = held.since
        ends: Anchors = {}
        if deadline.due.anchor == "project_end" and held.ends:
            ends, since = {"project_end": held.ends[0]}, held.ends[1]
        due = due_at(deadline.due, ends, policy.calendar)
        if due is not None and since is not None:
            day = local_day(due, policy.calendar)
            yield f"deadline:{deadline.key}", Anchor(
                at=day, since=max(since, programme.published_at), template="dates" if dates else "papers",
                version=day.toordinal(), announced=day, owner=duty.unit_id)  # fmt: skip


def _year(duty: Duty, held: Held, policy: Policy) -> Iterator[tuple[str, Anchor]]:
    """The k-th of n bulletins is behind when more than k of n parts of the time are over and it has not come (D11).

    Of those that were behind already when the classes came to be known only the last one is told.
    """
    opened, ends = [c for c in held.running if c.opened_at], held.ends
    for document in owed(duty, policy, level=None):
        if document.behind is None or not opened or ends is None:
            continue
        start, count = min(c.starts_on for c in opened), document.count.min or 1
        since = max(ends[1], min(c.opened_at for c in opened if c.opened_at))
        days = [start + timedelta(days=-(-(ends[0] - start).days * k // count)) for k in range(1, count + 1)]
        over = [k for k, day in enumerate(days, 1) if day < local_day(since, policy.calendar)]
        for k, day in enumerate(days, 1):
            if k >= max(over, default=1):
                yield f"event:bulletins_behind#{k}", Anchor(
                    at=day, since=since, template="bulletin", version=day.toordinal(), announced=day, variant=f"part-{k}",
                    owner=duty.unit_id)  # fmt: skip


def _level(duty: Duty, held: Held, units: Units) -> str | None:
    return units[duty.unit_id].level if held.cells and duty.unit_id in units else None


def _settled(duty: Duty, held: Held, policy: Policy, units: Units) -> Iterator[tuple[str, frozenset[str]]]:
    everyone, level = frozenset({EVERYONE}), _level(duty, held, units)
    if held.running:
        yield "class_start_announced", everyone
    for deadline in policy.deadlines:
        if not missing(duty, deadline.key, held.documents, policy, level):
            yield f"document_received@deadline:{deadline.key}", everyone
    for document in owed(duty, policy, level=level):
        came = sum(d.document == document.key for d in held.documents)
        for k in range(1, came + 1 if document.behind else 1):
            yield f"document_received@event:bulletins_behind#{k}", everyone
