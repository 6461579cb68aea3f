"""What may happen to a place after its selection. Every function takes a list of commands; one is a list of one.

``places`` holds the locked places by id. The result accounts for each command once: an event or a refusal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeVar

from services.enrolment.places.domain.commands import (
    Assign,
    CheckIn,
    Complete,
    DropOut,
    Excuse,
    Expect,
    Register,
    Revoke,
)
from services.enrolment.places.domain.place import Decision, Place, Refusal, apply
from shared.events.enrolment import (
    PlaceEvent,
    TraineeAssigned,
    TraineeCheckedIn,
    TraineeCompleted,
    TraineeDropoutRecorded,
    TraineeExcused,
    TraineeExpected,
    TraineeRegistered,
    TraineeRevoked,
)
from shared.policy import Policy


class _OnPlace(Protocol):
    @property
    def place_id(self) -> str: ...


C = TypeVar("C", bound=_OnPlace)
Places = Mapping[str, Place]
Outcome = PlaceEvent | Refusal


def each(commands: Iterable[C], places: Places, one: Callable[[C, Place], Outcome]) -> Decision:
    """Fold the commands over the places, so that a command sees the effect of the ones before it."""
    current, decision = dict(places), Decision([], [])
    for command in commands:
        place = current.get(command.place_id)
        outcome = Refusal(command.place_id, "place-unknown") if place is None else one(command, place)
        if isinstance(outcome, Refusal):
            decision.refusals.append(outcome)
        else:
            decision.events.append(outcome)
            current[command.place_id] = apply(place, outcome)
    return decision


_OVER: Final = {
    "revoked": "place-revoked",
    "replaced": "place-replaced",
    "completed": "place-completed",
    "dropped_out": "place-dropped-out",
}


def over(place: Place) -> Refusal | None:
    return Refusal(place.place_id, _OVER[place.status]) if place.over else None


def decide_register(commands: Sequence[Register], places: Places, now: datetime) -> Decision:
    """Register each place once, until its window closes (C10: registration is not check-in)."""

    def one(c: Register, p: Place) -> Outcome:
        if refusal := over(p):
            return refusal
        if p.registered_at is not None:
            return Refusal(p.place_id, "already-registered", {"at": p.registered_at})
        if c.closes_at is not None and now > c.closes_at:
            return Refusal(p.place_id, "registration-closed", {"until": c.closes_at})
        return TraineeRegistered(place_id=p.place_id, person_id=p.person_id, registered_at=now)

    return each(commands, places, one)


def decide_assign(commands: Sequence[Assign], places: Places) -> Decision:
    """Give each place its class; a place keeps its class unless that class was cancelled."""

    def one(c: Assign, p: Place) -> Outcome:
        if refusal := over(p) or _bound(c, p):
            return refusal
        return TraineeAssigned(
            place_id=p.place_id,
            person_id=p.person_id,
            class_id=c.class_id,
            institution_id=c.institution_id,
            institution_path=c.institution_path,
        )

    return each(commands, places, one)


def _bound(c: Assign, p: Place) -> Refusal | None:
    free = p.class_id is None or (p.class_id == c.replaces != c.class_id)
    if free and p.expected_at is None and p.checked_in_at is None:
        return None
    return Refusal(p.place_id, "already-assigned", {"class_id": p.class_id})


def decide_check_in(commands: Sequence[CheckIn], places: Places, now: datetime) -> Decision:
    """Check each place in once, inside its window and before check-in was closed."""

    def one(c: CheckIn, p: Place) -> Outcome:
        if refusal := over(p) or _not_in_class(p, c.class_id) or _outside(c, p, now):
            return refusal
        return TraineeCheckedIn(
            place_id=p.place_id, person_id=p.person_id, class_id=c.class_id, checked_in_at=now, method=c.method
        )

    return each(commands, places, one)


def _not_in_class(place: Place, class_id: str) -> Refusal | None:
    if place.class_id == class_id:
        return None
    return Refusal(place.place_id, "other-class", {"class_id": place.class_id})


def _outside(c: CheckIn, p: Place, now: datetime) -> Refusal | None:
    if p.checked_in_at is not None:
        return Refusal(p.place_id, "already-checked-in", {"at": p.checked_in_at})
    if now < c.opens_at:
        return Refusal(p.place_id, "checkin-not-open", {"opens_at": c.opens_at})
    if p.expected_at is not None or now > c.closes_at:
        return Refusal(p.place_id, "checkin-closed", {"closed_at": p.expected_at or c.closes_at})
    return None


def decide_excuse(commands: Sequence[Excuse], places: Places, policy: Policy, now: datetime) -> Decision:
    """Accept absences for reasons of the policy, each with the evidence that it asks for (L05)."""

    def one(c: Excuse, p: Place) -> Outcome:
        if refusal := over(p) or _not_excusable(c, p, policy):
            return refusal
        return TraineeExcused(
            place_id=p.place_id,
            person_id=p.person_id,
            class_id=p.class_id or "",
            reason=c.reason,
            evidence=c.evidence,
            accepted_by=c.accepted_by,
            excused_at=now,
        )

    return each(commands, places, one)


def _not_excusable(c: Excuse, p: Place, policy: Policy) -> Refusal | None:
    if p.class_id is None:
        return Refusal(p.place_id, "no-class-yet")
    if p.excused_at is not None:
        return Refusal(p.place_id, "already-excused", {"at": p.excused_at})
    accepted = {reason.key: reason for reason in policy.participation.accepted_reasons}
    if c.reason not in accepted:
        return Refusal(p.place_id, "reason-not-accepted", {"accepted": [r.names for r in accepted.values()]})
    kinds = [kind for kind in accepted[c.reason].evidence if kind not in c.evidence]
    missing = [policy.terms.called("evidence", kind) for kind in kinds]
    return Refusal(p.place_id, "evidence-missing", {"missing": missing}) if missing else None


def decide_expect(commands: Sequence[Expect], places: Places, now: datetime) -> Decision:
    """Count each place of the list into the denominator of the check-in rate, once (definitions, the counts)."""

    def one(c: Expect, p: Place) -> Outcome:
        if refusal := over(p) or _not_in_class(p, c.class_id):
            return refusal
        if p.expected_at is not None:
            return Refusal(p.place_id, "checkin-closed", {"closed_at": p.expected_at})
        return TraineeExpected(place_id=p.place_id, person_id=p.person_id, class_id=c.class_id, closed_at=now)

    return each(commands, places, one)


def decide_drop_out(commands: Sequence[DropOut], places: Places, now: datetime) -> Decision:
    """Record dropouts: only of persons who were expected, and never of one whose absence was accepted (L02, L05)."""

    def one(c: DropOut, p: Place) -> Outcome:
        return over(p) or _no_dropout(c, p) or _dropout(c, p, now)

    return each(commands, places, one)


def _no_dropout(c: DropOut, p: Place) -> Refusal | None:
    if p.expected_at is None:
        return Refusal(p.place_id, "not-expected")
    if p.excused_at is not None:
        return Refusal(p.place_id, "already-excused", {"at": p.excused_at})
    if c.cause == "no_show" and p.checked_in_at is not None:
        return Refusal(p.place_id, "already-checked-in", {"at": p.checked_in_at})
    if c.cause != "no_show" and p.checked_in_at is None:
        return Refusal(p.place_id, "not-checked-in")
    return None


def _dropout(c: DropOut, p: Place, now: datetime) -> TraineeDropoutRecorded:
    if p.class_id is None or p.institution_id is None or p.institution_path is None:
        raise ValueError(f"place {p.place_id} was expected without a class")
    return TraineeDropoutRecorded(
        place_id=p.place_id,
        person_id=p.person_id,
        class_id=p.class_id,
        cause=c.cause,
        programme_id=p.programme_id,
        policy_key=p.policy_key,
        project=p.project,
        cohort=p.cohort,
        cohort_kind=p.cohort_kind,
        plan_level=p.plan_level,
        forms=p.forms,
        unit_id=p.unit_id,
        unit_path=p.unit_path,
        institution_id=p.institution_id,
        institution_path=p.institution_path,
        occurred_at=now,
        evidence=c.evidence,
    )


def decide_complete(commands: Sequence[Complete], places: Places, now: datetime) -> Decision:
    """Completion, of expected persons who checked in (definitions, the counts: f is a part of c)."""

    def one(_: Complete, p: Place) -> Outcome:
        if refusal := over(p):
            return refusal
        if p.expected_at is None:
            return Refusal(p.place_id, "not-expected")
        if p.checked_in_at is None or p.class_id is None:
            return Refusal(p.place_id, "not-checked-in")
        return TraineeCompleted(place_id=p.place_id, person_id=p.person_id, class_id=p.class_id, completed_at=now)

    return each(commands, places, one)


def decide_revoke(commands: Sequence[Revoke], places: Places, now: datetime) -> Decision:
    """Places that fall to a ban; one that is over stays as it is, what happened in it is history."""

    def one(c: Revoke, p: Place) -> Outcome:
        if refusal := over(p):
            return refusal
        return TraineeRevoked(place_id=p.place_id, person_id=p.person_id, entry_id=c.entry_id, revoked_at=now)

    return each(commands, places, one)
