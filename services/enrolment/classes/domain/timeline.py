"""A class's course as its page tells it: what happened, what is next, what its institution should do now."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import groupby, pairwise
from typing import Any, Literal

import msgspec

from services.enrolment.classes.domain.state import Announced, Class
from shared.events import Names
from shared.policy import Policy
from shared.policy.moments import local_day, zone

Knot = Literal["ok", "due", "late", "now", "moved", "todo"]
NextStep = Literal["staff", "places", "open", "checkin", "completion", "documents", "none"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the course: ``what`` is a key of the texts, ``words`` fill it, ``names`` are what it is about."""

    at: datetime | date
    state: Knot
    what: str
    words: dict[str, Any] = {}
    names: list[Names] = []


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A document as the course shows it; ``came_at`` is when it was first handed in."""

    names: Names
    due: datetime | None
    came_at: datetime | None
    on_time: bool
    soon: bool


def course(
    klass: Class, announced: Sequence[Announced], papers: Iterable[Paper], policy: Policy, now: datetime
) -> list[Step]:
    """Everything that happened or is to come, in the order of time, with today in between."""
    steps = [*_changes(klass, announced), *_papers(papers, now), *_days(klass, now)]
    if klass.status not in {"ended", "cancelled"}:
        steps.append(Step(at=now, state="now", what="today"))

    def instant(step: Step) -> datetime:
        return step.at if isinstance(step.at, datetime) else datetime.combine(step.at, time.max, zone(policy.calendar))

    return sorted(steps, key=instant)


def _changes(klass: Class, announced: Sequence[Announced]) -> Iterator[Step]:
    yield Step(at=announced[0].announced_at, state="ok", what="scheduled", words={"day": announced[0].starts_on})
    for before, after in pairwise(announced):
        words = {"old": before.starts_on, "new": after.starts_on}
        yield Step(at=after.announced_at, state="moved", what="moved", words=words)
    for what, at, state in (
        ("opened", klass.opened_at, "ok"),
        ("closed", klass.closed_at, "ok"),
        ("ended", klass.ended_at, "ok"),
        ("cancelled", klass.cancelled_at, "late"),
    ):
        if at is not None:
            yield Step(at=at, state="late" if state == "late" else "ok", what=what)


def _papers(papers: Iterable[Paper], now: datetime) -> Iterator[Step]:
    known = list(papers)
    for paper in known:
        if paper.came_at is not None:
            what = "paper_on_time" if paper.on_time else "paper_late"
            yield Step(at=paper.came_at, state="ok" if paper.on_time else "late", what=what, names=[paper.names])
    waiting = sorted((p.due, i) for i, p in enumerate(known) if p.came_at is None and p.due is not None)
    for due, group in groupby(waiting, key=lambda pair: pair[0]):
        owed = [known[i] for _, i in group]
        state: Knot = "late" if due < now else "due" if any(p.soon for p in owed) else "todo"
        yield Step(at=due.date(), state=state, what="papers_due", names=[p.names for p in owed])


def _days(klass: Class, now: datetime) -> Iterator[Step]:
    if klass.status == "cancelled":
        return
    if klass.closed_at is None:
        hours = {"until": klass.checkin_closes_at}
        state: Knot = "due" if klass.checkin_opens_at <= now else "todo"
        yield Step(at=klass.checkin_opens_at, state=state, what="checkin", words=hours)
    if klass.ended_at is None:
        yield Step(at=klass.ends_on, state="todo", what="last_day")


def next_step(klass: Class, policy: Policy, now: datetime, *, staffed: bool, listed: bool, owes: bool) -> NextStep:
    """The one thing that the institution should do next."""
    if klass.status == "scheduled":
        return "staff" if not staffed else "places" if not listed else "open"
    if klass.status == "open" and now >= klass.checkin_opens_at:
        return "checkin"
    if klass.status == "checkin_closed" and local_day(now, policy.calendar) > klass.ends_on:
        return "completion"
    return "documents" if owes else "none"
