"""Changes of an announced class: moved, cancelled, check-in closed, ended (C09, D16, D20, L13)."""

from datetime import date, datetime

import msgspec

from services.enrolment.classes.domain.dates import Dates, mistakes, moved
from services.enrolment.classes.domain.state import Class
from services.enrolment.places.domain import Refusal
from shared.events.enrolment import ClassCancelled, ClassCheckinClosed, ClassEnded, ClassRescheduled
from shared.policy import Policy
from shared.policy.moments import local_day


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """New dates or another place, with a cause of the policy. What is None stays: first day, span, hours, address."""

    cause: str
    starts_on: date | None = None
    ends_on: date | None = None
    address: str | None = None
    checkin_opens_at: datetime | None = None
    checkin_closes_at: datetime | None = None
    extension: str | None = None


def dates_of(klass: Class) -> Dates:
    """The dates that hold now."""
    return Dates(
        starts_on=klass.starts_on,
        ends_on=klass.ends_on,
        checkin_opens_at=klass.checkin_opens_at,
        checkin_closes_at=klass.checkin_closes_at,
    )


def new_dates(klass: Class, move: Move) -> Dates:
    """The dates that would hold after the move."""
    dates = moved(dates_of(klass), move.starts_on or klass.starts_on, move.ends_on)
    asked = {"checkin_opens_at": move.checkin_opens_at, "checkin_closes_at": move.checkin_closes_at}
    return msgspec.structs.replace(dates, **{name: at for name, at in asked.items() if at is not None})


def move_mistakes(klass: Class, move: Move, policy: Policy, arrived: int, now: datetime) -> list[Refusal]:
    """What keeps the class from being moved; ``arrived`` counts the persons who already checked in."""
    if refusal := _closed(klass) or _arrived(klass, arrived) or _cause(klass, move.cause, policy):
        return [refusal]
    dates = new_dates(klass, move)
    if dates == dates_of(klass) and move.address in {None, klass.address}:
        return [Refusal(klass.class_id, "nothing-changes", {"starts_on": klass.starts_on})]
    return mistakes(klass.class_id, dates, policy, klass.cohort, now, move.extension)


def decide_move(klass: Class, move: Move, policy: Policy, arrived: int, now: datetime) -> ClassRescheduled | Refusal:
    """Move a class: the next version of its announced dates; the old ones are void (D16, D20)."""
    if refusals := move_mistakes(klass, move, policy, arrived, now):
        return refusals[0]
    dates = new_dates(klass, move)
    return ClassRescheduled(
        class_id=klass.class_id,
        cause=move.cause,
        rescheduled_at=now,
        previous_starts_on=klass.starts_on,
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
        address=move.address or klass.address,
        checkin_opens_at=dates.checkin_opens_at,
        checkin_closes_at=dates.checkin_closes_at,
        date_version=klass.date_version + 1,
    )


def decide_cancel(klass: Class, cause: str, policy: Policy, arrived: int, now: datetime) -> ClassCancelled | Refusal:
    """Call a class off; nobody is blamed for not coming, its places may get another class (L13)."""
    if refusal := _closed(klass) or _arrived(klass, arrived) or _cause(klass, cause, policy):
        return refusal
    return ClassCancelled(class_id=klass.class_id, cause=cause, cancelled_at=now, date_version=klass.date_version + 1)


def decide_close(
    klass: Class, counts: tuple[int, int], now: datetime, *, held: bool = True
) -> ClassCheckinClosed | Refusal:
    """Close check-in, not before its window ends; ``counts`` are expected and checked in.

    The class was held as announced when its institution says so and somebody came.
    """
    if klass.status != "open":
        return Refusal(klass.class_id, "class-not-open", {"status": [klass.status]})
    if now < klass.checkin_closes_at:
        return Refusal(klass.class_id, "checkin-still-open", {"closes_at": klass.checkin_closes_at})
    return ClassCheckinClosed(
        class_id=klass.class_id, closed_at=now, held=held and counts[1] > 0, expected=counts[0], checked_in=counts[1]
    )


def decide_end(klass: Class, policy: Policy, undecided: int, now: datetime) -> ClassEnded | Refusal:
    """End a class after its last day, when everyone who checked in has a decision."""
    if klass.status != "checkin_closed":
        return Refusal(klass.class_id, "checkin-not-closed", {"status": [klass.status]})
    if local_day(now, policy.calendar) <= klass.ends_on:
        return Refusal(klass.class_id, "class-not-over", {"ends_on": klass.ends_on})
    if undecided:
        return Refusal(klass.class_id, "completion-undecided", {"undecided": undecided})
    return ClassEnded(class_id=klass.class_id, ended_at=now)


def _closed(klass: Class) -> Refusal | None:
    return None if klass.announced else Refusal(klass.class_id, "class-is-closed", {"status": [klass.status]})


def _arrived(klass: Class, arrived: int) -> Refusal | None:
    return Refusal(klass.class_id, "class-has-begun", {"arrived": arrived}) if arrived else None


def _cause(klass: Class, cause: str, policy: Policy) -> Refusal | None:
    causes = policy.classes.change_causes
    known = [policy.terms.called("change_causes", key) for key in causes]
    return None if cause in causes else Refusal(klass.class_id, "cause-unknown", {"cause": cause, "causes": known})
