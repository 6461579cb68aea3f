"""Who owes what, since when, and when they were reminded (D01, D03, D04, D05, D07, D10)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from services.notify.facts.domain import ClassFact, DocumentFact, Programme
from services.notify.planning.domain import Anchor, Case, Duty, Held
from services.notify.planning.domain.case import EVERYONE
from services.notify.planning.domain.classes import papers_of_class
from services.notify.planning.domain.duties import YEAR, missing, owed
from shared.policy import Policy
from shared.policy.moments import accepts, day_end

What = Literal["places", "date", "papers", "bulletins", "finish"]
STOPS: Final[Mapping[str, str]] = {"dates": "class_start_announced", "finish": "class_ended"}
WHAT: Final[Mapping[str, What]] = {"dates": "date", "document": "papers", "papers": "papers", "bulletin": "bulletins",
                                   "finish": "finish"}  # fmt: skip


class Reminded(Struct, frozen=True):
    """How often the one that owes was told, and when last."""

    times: int
    last: datetime


class Debt(Struct, frozen=True, kw_only=True):
    """Something owed whose time is over. ``missing`` counts places or papers; ``kinds`` are the reminders that ask for it."""

    subject_kind: str
    subject_id: str
    owner_id: str
    what: What
    due_at: datetime
    days: int
    missing: int
    project: str | None = None
    class_id: str | None = None
    documents: Sequence[str] = ()
    kinds: Sequence[str] = ()
    reminded: Reminded | None = None


class Gap(Struct, frozen=True):
    """Places that a unit itself has not filled: what its children lack is theirs."""

    cell_id: str
    unit_id: str
    level: str | None
    project: str
    missing: int


def of_gaps(gaps: Sequence[Gap], policy: Policy, now: datetime) -> Iterator[Debt]:
    """Places that were not filled when selection closed for the unit's level (D07, Q04)."""
    for gap in gaps:
        for line in policy.deadlines:
            holds = line.act in {"select", "nominate"} and (not line.levels or gap.level in line.levels)
            if holds and line.due.date is not None and (not line.projects or gap.project in line.projects):
                due = day_end(line.due.date, policy.calendar)
                if not accepts(now, due):
                    yield Debt(subject_kind="cell", subject_id=gap.cell_id, owner_id=gap.unit_id, what="places", due_at=due,
                               days=_days(due, now), missing=gap.missing, project=gap.project,
                               kinds=_kinds(f"deadline:{line.key}", policy))  # fmt: skip


def of_class(
    case: Case, cls: ClassFact, documents: Sequence[DocumentFact], policy: Policy, now: datetime
) -> Iterator[Debt]:
    """What an institution still owes for a class: the notice, the timetable, its end (D04, D05, D09)."""
    came = [d.document for d in documents]
    for name, anchor, due in _over(case, policy, now):
        papers = papers_of_class(name.partition(":")[2], cls, policy)
        left = [key for key, count in papers.items() if came.count(key) < count]
        yield _debt(case, name, anchor, due, policy, now, project=cls.project, class_id=cls.class_id,
                    documents=tuple(left), missing=max(len(left), 1))  # fmt: skip


def of_duty(
    case: Case, duty: Duty, held: Held, level: str | None, programme: Programme, now: datetime
) -> Iterator[Debt]:
    """What a unit still owes for a project or a year: the form, a date, reports, plans, bulletins (D01, D03, D10, D11)."""
    policy, project = programme.policy, None if duty.project == YEAR else duty.project
    latest = {over[0].partition("#")[0]: over for over in sorted(_over(case, policy, now), key=lambda o: o[2])}
    for name, anchor, due in latest.values():
        if anchor.template == "bulletin":
            paper = next(d for d in owed(duty, policy, level=None) if d.behind)
            left = [(paper, int((anchor.variant or "").rpartition("-")[2]) - _came(paper.key, held))]
        else:
            left = missing(duty, name.removeprefix("deadline:"), held.documents, policy, level)
        yield _debt(case, name, anchor, due, policy, now, project=project, documents=tuple(d.key for d, _ in left),
                    missing=sum(n for _, n in left) or 1)  # fmt: skip


def _came(key: str, held: Held) -> int:
    return sum(d.document == key for d in held.documents)


def _over(case: Case, policy: Policy, now: datetime) -> Iterator[tuple[str, Anchor, datetime]]:
    """The anchors of debts whose last second is over and that nothing has settled."""
    for name, anchor in case.anchors.items():
        if anchor.owner is None or isinstance(anchor.at, datetime):
            continue
        stop = STOPS.get(anchor.template, f"document_received@{name}")
        due = day_end(anchor.at, policy.calendar)
        if EVERYONE not in case.settled.get(stop, frozenset()) and not accepts(now, due):
            yield name, anchor, due


def _debt(
    case: Case, name: str, anchor: Anchor, due: datetime, policy: Policy, now: datetime, *, project: str | None,
    documents: Sequence[str], missing: int, class_id: str | None = None,
) -> Debt:  # fmt: skip
    return Debt(subject_kind=case.kind, subject_id=case.id, owner_id=anchor.owner or "", what=WHAT[anchor.template],
                due_at=due, days=_days(due, now), missing=missing, project=project, class_id=class_id, documents=documents,
                kinds=_kinds(name.partition("#")[0], policy))  # fmt: skip


def _days(due: datetime, now: datetime) -> int:
    return (now.astimezone(due.tzinfo).date() - due.date()).days


def _kinds(anchor: str, policy: Policy) -> list[str]:
    word, _, key = anchor.partition(":")
    return [p.key for p in policy.reminders.plans if getattr(p.anchor, word) == key]


def with_reminders(debts: Sequence[Debt], told: Mapping[tuple[str, str, str], Mapping[str, Reminded]]) -> list[Debt]:
    """Each debt with how its owner was told; ``told`` is by subject and owner, then by kind. The longest overdue first."""
    found = []
    for debt in debts:
        by_kind = told.get((debt.subject_kind, debt.subject_id, debt.owner_id), {})
        own = [by_kind[kind] for kind in debt.kinds if kind in by_kind]
        one = Reminded(sum(r.times for r in own), max(r.last for r in own)) if own else None
        found.append(replace(debt, reminded=one))
    return sorted(found, key=lambda d: (d.due_at, d.what, d.owner_id, d.subject_id))
