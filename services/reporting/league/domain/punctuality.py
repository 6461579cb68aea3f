"""Which documents an institution owes by a given instant, and how many came in time (D12)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from shared.policy import Policy
from shared.policy.documents import Document
from shared.policy.lookup import deadline_due


class Course(msgspec.Struct, frozen=True):
    """A class that was not cancelled."""

    class_id: str
    project: str
    starts_on: date
    ends_on: date


class Handed(msgspec.Struct, frozen=True):
    """A document that was handed in; ``on_time`` is enrolment's judgement and is not judged again."""

    document: str
    project: str
    class_id: str | None
    on_time: bool
    submitted_at: datetime


class Owed(msgspec.Struct, frozen=True):
    """One obligation of an institution: ``copies`` of a document for a class, a project, or for all of its projects.

    ``class_id`` and ``project`` are None where it is not owed for one of them; ``due_at`` is None while its anchor is not
    known. ``received`` are the earliest copies that came.
    """

    document: str
    project: str | None
    class_id: str | None
    due_at: datetime | None
    copies: int
    received: Sequence[Handed]

    def due(self, as_of: datetime) -> int:
        """Copies that are due: all when the deadline has passed, before it those that came."""
        passed = self.due_at is not None and self.due_at < as_of
        return self.copies if passed else len(self.received)

    @property
    def missing(self) -> int:
        """Copies that have not come."""
        return self.copies - len(self.received)


def punctuality(
    policy: Policy, projects: Sequence[str], courses: Sequence[Course], handed: Sequence[Handed], as_of: datetime
) -> tuple[int, int]:
    """``(due, on time)`` of one institution in these projects.

    A document is due when its deadline has passed or it was handed in before. Where several copies are owed the
    earliest ones count. Documents that are entered instead of handed in (``accept: entry``) are no documents here.
    """
    debts = owed(policy, projects, courses, handed)
    return sum(o.due(as_of) for o in debts), sum(h.on_time for o in debts for h in o.received)


def owed(policy: Policy, projects: Sequence[str], courses: Sequence[Course], handed: Sequence[Handed]) -> list[Owed]:
    """Everything that one institution owes for its classes of these projects, due or not (D01-D06, D10-D12)."""
    papers = [d for d in policy.documents if _handed_in(d)]
    return [_judge(policy, d, group, handed) for d in papers for group in _occasions(d, projects, courses)]


def _handed_in(document: Document) -> bool:
    return document.owed_by == "institution" and set(document.accept) != {"entry"} and document.due is not None


def _occasions(document: Document, projects: Sequence[str], courses: Sequence[Course]) -> list[Sequence[Course]]:
    concerned = [p for p in projects if not document.projects or p in document.projects]
    mine = [c for c in courses if c.project in concerned]
    if document.per in {"class", "period"}:
        return [[c] for c in mine]
    groups = [[c for c in mine if c.project == p] for p in concerned] if document.per == "project" else [mine]
    return [group for group in groups if group]


def _judge(policy: Policy, document: Document, courses: Sequence[Course], handed: Sequence[Handed]) -> Owed:
    copies = document.count.min if document.count.min is not None else document.count.max or 0
    each, per_project = document.per in {"class", "period"}, document.per != "institution"
    received = sorted((h for h in handed if _belongs(h, document, courses)), key=lambda h: h.submitted_at)[:copies]
    return Owed(
        document=document.key,
        project=courses[0].project if per_project else None,
        class_id=courses[0].class_id if each else None,
        due_at=deadline_due(policy, document.due or "", _anchors(courses)),
        copies=copies,
        received=received,
    )


def _belongs(handed: Handed, document: Document, courses: Sequence[Course]) -> bool:
    each = document.per in {"class", "period"}
    here = handed.class_id == courses[0].class_id if each else any(handed.project == c.project for c in courses)
    return handed.document == document.key and here


def _anchors(courses: Sequence[Course]) -> Mapping[str, date | datetime]:
    first, last = min(c.starts_on for c in courses), max(c.ends_on for c in courses)
    return {"class_start": first, "class_end": last, "phase_end": last, "project_end": last}
