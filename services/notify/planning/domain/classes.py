"""The case of a class: opening, reminders before it, changes, documents owed for it (D04, D05, D16, D17, D20, C09)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from services.notify.facts.domain import ClassFact, DateFact, DocumentFact, PlaceFact, Programme
from services.notify.planning.domain.case import EVERYONE, Anchor, Case, only
from services.notify.planning.domain.people import (
    Units,
    contacts,
    earliest,
    institution,
    joined,
    offices,
    persons,
    trainee,
    units_above,
)
from services.notify.planning.domain.rows import TOLD, Existing, Recipient
from shared.policy import Policy
from shared.policy.dates import Deadline
from shared.policy.moments import Anchors, due_at, local_day

CHANGES = ("moved-", "cancelled-")
Who = tuple[str, str]


def class_case(
    cls: ClassFact,
    dates: Sequence[DateFact],
    places: Sequence[PlaceFact],
    documents: Sequence[DocumentFact],
    units: Units,
    programme: Programme,
    existing: Sequence[Existing],
) -> Case:
    """A class with the places that it has now."""
    members = [p for p in places if p.revoked_at is None]
    trainees = {p.person_id: trainee(p, joined(p)) for p in members}
    above = units_above(earliest(members), units, cls.institution_path)
    told, current = _told(cls, dates, existing)
    moments: Anchors = {} if cls.cancelled_at else {"class_start": cls.starts_on, "class_end": cls.ends_on}
    here_or_not = [p for p in members if p.checked_in_at or p.excused_at or p.dropout_at]
    done = [p for p in members if p.completed_at or p.excused_at or p.dropout_at]
    here = {("person", k): r for k, r in trainees.items()} | {("unit", k): r for k, r in above.items()}
    return Case(
        kind="class",
        id=cls.class_id,
        version=cls.date_version,
        anchors=_anchors(cls, dates, programme.policy, moments),
        moments={"class_start": cls.starts_on, "class_end": cls.ends_on},
        audiences={
            **contacts(above, units),
            **offices(programme, cls.scheduled_at, cls.institution_path),
            "trainee": only(trainees),
            "institution_contact": institution(cls.institution_id, cls.institution_path, cls.scheduled_at),
            "told_before": _still_here(here, told),
            "class_staff": _staff(cls, programme.policy),
        },
        settled={
            "checked_in": persons(here_or_not),
            "none@moment:class_end": persons([p for p in members if p.excused_at or p.dropout_at]),
            **{f"document_received@deadline:{d.key}": persons(done) for d in _results(cls, programme.policy)},
            "class_ended": frozenset({EVERYONE} if cls.ended_at else ()),
            **_received(documents, cls, programme.policy),
        },
        left=persons([p for p in places if p.revoked_at]) - persons(members),
        told=told,
        current=current,
        class_id=cls.class_id,
        open=cls.ended_at is None and cls.cancelled_at is None,
    )


def _still_here(here: Mapping[Who, Recipient], told: Mapping[Who, date | None]) -> tuple[Recipient, ...]:
    return tuple(here[who] for who in sorted(told) if who in here)


def _told(
    cls: ClassFact, dates: Sequence[DateFact], existing: Sequence[Existing]
) -> tuple[dict[Who, date | None], frozenset[Who]]:
    """Who was told an older version than today's, with the date that they know; and for whom that is today's again.

    The institution itself set the date.

    Whoever was once found to need the message of a change keeps it, even if the older message turns out not to have
    arrived.
    """
    known = {d.date_version: d for d in dates}
    older = [e for e in existing if e.state in TOLD and e.version < cls.date_version]
    last = {(e.recipient_kind, e.recipient_id): known.get(e.version) for e in sorted(older, key=lambda e: e.version)}
    found: dict[Who, date | None] = {who: fact.starts_on if fact else None for who, fact in last.items()}
    changed = [e for e in existing if e.version == cls.date_version and e.template.startswith(CHANGES)]
    found.update({(e.recipient_kind, e.recipient_id): e.previous for e in changed})
    found.pop(("unit", cls.institution_id), None)
    now = known.get(cls.date_version) if cls.cancelled_at is None else None
    same = {who for who, fact in last.items() if fact and now and fact.said == now.said}
    return found, frozenset(same - {(e.recipient_kind, e.recipient_id) for e in changed})


def _anchors(cls: ClassFact, dates: Sequence[DateFact], policy: Policy, moments: Anchors) -> dict[str, Anchor]:
    announced = cls.rescheduled_at or cls.scheduled_at
    found = {f"deadline:{d.key}": _owed(cls, due, announced) for d, due in _deadlines(cls, policy, moments)}
    found |= (
        {}
        if cls.cancelled_at
        else {f"deadline:{d.key}": _finish(cls, d, policy) for d in policy.deadlines if d.act == "finish_class"}
    )
    if cls.opened_at is None:
        return found
    if cls.cancelled_at:
        return {"event:class_changed": _change(cls, cls.cancelled_at, "cancelled", cls.starts_on, "cancelled")}
    since = max(cls.opened_at, announced)
    found["event:class_opened"] = Anchor(at=cls.opened_at, since=since, template="opened", version=cls.date_version,
                                         announced=cls.starts_on)  # fmt: skip
    for moment, at, template in (("class_start", cls.starts_on, "start"), ("class_end", cls.ends_on, "after")):
        found[f"moment:{moment}"] = Anchor(
            at=at, since=since, template=template, version=cls.date_version, announced=at
        )
    for d in _results(cls, policy):
        found[f"deadline:{d.key}"] = Anchor(at=cls.ends_on, since=since, template="results", version=cls.date_version,
                                            announced=cls.ends_on)  # fmt: skip
    if cls.rescheduled_at and cls.date_version > (cls.opened_version or 0):
        before = max(
            (d for d in dates if d.date_version < cls.date_version), key=lambda d: d.date_version, default=None
        )
        found["event:class_changed"] = _change(
            cls, cls.rescheduled_at, "moved", before.starts_on if before else None, None
        )
    return found


def _change(cls: ClassFact, at: datetime, template: str, previous: date | None, variant: str | None) -> Anchor:
    return Anchor(at=at, since=at, template=template, version=cls.date_version, previous=previous, variant=variant,
                  announced=None if variant else cls.starts_on)  # fmt: skip


def _owed(cls: ClassFact, due: date, since: datetime) -> Anchor:
    return Anchor(
        at=due, since=since, template="document", version=cls.date_version, announced=due, owner=cls.institution_id
    )


def _finish(cls: ClassFact, deadline: Deadline, policy: Policy) -> Anchor:
    """By when every class has to be over, whatever its own dates (D09)."""
    due = due_at(deadline.due, {}, policy.calendar)
    day = local_day(due or cls.ends_on, policy.calendar)
    return Anchor(at=day, since=cls.scheduled_at, template="finish", version=cls.date_version, announced=day,
                  owner=cls.institution_id)  # fmt: skip


def _results(cls: ClassFact, policy: Policy) -> list[Deadline]:
    """Deadlines of what trainees hand in by the end of the class.

    A cohort whose way goes on for years after the class has no last day that anybody records, so nobody is reminded of one.
    """
    phases = [phase for p in policy.projects for c in p.cohorts if c.key == cls.cohort for phase in c.phases]
    if any(phase.amount.years for phase in phases):
        return []
    owed = {d.due for d in policy.documents if d.owed_by == "trainee" and (not d.cohorts or cls.cohort in d.cohorts)}
    return [d for d in policy.deadlines if d.key in owed and d.due.anchor == "phase_end" and d.due.phase == "last"]


def _staff(cls: ClassFact, policy: Policy) -> tuple[Recipient, ...]:
    """Those who run an open class, by role; enrolment knows who they are. Before the opening nobody has to be named (A09)."""
    if cls.opened_at is None:
        return ()
    path = cls.institution_path
    return tuple(Recipient("staff", f"{cls.class_id}:{s.role}", cls.opened_at, path, path)
                 for s in policy.classes.staff if s.per == "class")  # fmt: skip


def _deadlines(cls: ClassFact, policy: Policy, moments: Anchors) -> Iterator[tuple[Deadline, date]]:
    """The deadlines of documents owed for this class, with the day on which each ends."""
    for deadline in policy.deadlines:
        due = due_at(deadline.due, moments, policy.calendar) if deadline.due.anchor in moments else None
        if due is not None and papers_of_class(deadline.key, cls, policy):
            yield deadline, local_day(due, policy.calendar)


def papers_of_class(deadline: str, cls: ClassFact, policy: Policy) -> dict[str, int]:
    """``document -> how many`` are owed per class by the institution under a deadline."""
    return {d.key: d.count.min or 1 for d in policy.documents
            if d.due == deadline and d.owed_by == "institution" and d.per in {"class", "period"}
            and (not d.projects or cls.project in d.projects)}  # fmt: skip


def _received(documents: Sequence[DocumentFact], cls: ClassFact, policy: Policy) -> dict[str, frozenset[str]]:
    keys = [d.document for d in documents]
    found: dict[str, frozenset[str]] = {}
    for deadline in policy.deadlines:
        owed = papers_of_class(deadline.key, cls, policy)
        if owed and all(keys.count(key) >= count for key, count in owed.items()):
            found[f"document_received@deadline:{deadline.key}"] = frozenset({EVERYONE})
    return found
