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


def punctuality(
    policy: Policy, project: str, courses: Sequence[Course], handed: Sequence[Handed], as_of: datetime
) -> tuple[int, int]:
    """``(due, on time)`` of one institution in one project.

    A document is due when its deadline has passed or it was handed in before. Where several copies are owed the
    earliest ones count. Documents that are entered instead of handed in (``accept: entry``) are no documents here.
    """
    owed = [d for d in policy.documents if _concerns(d, project)]
    pairs = [_judge(policy, d, group, handed, as_of) for d in owed for group in _occasions(d, courses)]
    return sum(due for due, _ in pairs), sum(kept for _, kept in pairs)


def _concerns(document: Document, project: str) -> bool:
    handed_in = document.owed_by == "institution" and set(document.accept) != {"entry"} and document.due is not None
    return handed_in and (not document.projects or project in document.projects)


def _occasions(document: Document, courses: Sequence[Course]) -> list[Sequence[Course]]:
    each = document.per in {"class", "period"}
    return [[c] for c in courses] if each else [courses] if courses else []


def _judge(
    policy: Policy, document: Document, courses: Sequence[Course], handed: Sequence[Handed], as_of: datetime
) -> tuple[int, int]:
    copies = document.count.min if document.count.min is not None else document.count.max or 0
    received = sorted((h for h in handed if _belongs(h, document, courses)), key=lambda h: h.submitted_at)[:copies]
    due = deadline_due(policy, document.due or "", _anchors(courses))
    owed = copies if due is not None and due < as_of else len(received)
    return owed, sum(h.on_time for h in received)


def _belongs(handed: Handed, document: Document, courses: Sequence[Course]) -> bool:
    each = document.per in {"class", "period"}
    return handed.document == document.key and (not each or handed.class_id == courses[0].class_id)


def _anchors(courses: Sequence[Course]) -> Mapping[str, date | datetime]:
    first, last = min(c.starts_on for c in courses), max(c.ends_on for c in courses)
    return {"class_start": first, "class_end": last, "phase_end": last, "project_end": last}
