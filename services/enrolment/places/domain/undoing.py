"""Taken back, given back, given on: dropouts that no longer stand, quashed bans, substitutes. Lists, as in ``course``."""

from collections.abc import Sequence
from datetime import datetime

from services.enrolment.places.domain.commands import Replace, Restore, Withdraw
from services.enrolment.places.domain.course import Outcome, Places, each, over
from services.enrolment.places.domain.place import Decision, Place, Refusal
from shared.events.enrolment import TraineeDropoutWithdrawn, TraineeReplaced, TraineeRestored


def decide_withdraw(commands: Sequence[Withdraw], places: Places, now: datetime) -> Decision:
    """Take dropouts back (L05). The place is then where it was before, and may be excused, checked in or completed."""

    def one(c: Withdraw, p: Place) -> Outcome:
        if p.dropout_cause is None or p.class_id is None:
            return Refusal(p.place_id, "nothing-to-correct")
        return TraineeDropoutWithdrawn(
            place_id=p.place_id,
            person_id=p.person_id,
            class_id=p.class_id,
            cause=p.dropout_cause,
            why=c.why,
            withdrawn_at=now,
            evidence=c.evidence,
        )

    return each(commands, places, one)


def decide_restore(commands: Sequence[Restore], places: Places, now: datetime) -> Decision:
    """Give back places that fell to these entries and to no other (L10)."""

    def one(c: Restore, p: Place) -> Outcome:
        if p.revoked_at is None or p.revoked_by != c.entry_id:
            return Refusal(p.place_id, "not-revoked-by-this")
        return TraineeRestored(place_id=p.place_id, person_id=p.person_id, entry_id=c.entry_id, restored_at=now)

    return each(commands, places, one)


def decide_replace(commands: Sequence[Replace], places: Places, now: datetime) -> Decision:
    """Give places to substitutes: until check-in closes, and never that of somebody who is there (L13)."""

    def one(c: Replace, p: Place) -> Outcome:
        if refusal := over(p) or _too_late(c, p, now):
            return refusal
        return TraineeReplaced(
            place_id=p.place_id, person_id=p.person_id, substitute_place_id=c.substitute_place_id, replaced_at=now
        )

    return each(commands, places, one)


def _too_late(c: Replace, p: Place, now: datetime) -> Refusal | None:
    if p.checked_in_at is not None:
        return Refusal(p.place_id, "already-checked-in", {"at": p.checked_in_at})
    if p.expected_at is not None or (c.closes_at is not None and now > c.closes_at):
        return Refusal(p.place_id, "checkin-closed", {"closed_at": p.expected_at or c.closes_at})
    return None
