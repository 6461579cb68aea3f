"""What gives back: a dropout that no longer stands, a place whose ban was quashed. Lists of commands, as in ``course``."""

from collections.abc import Sequence
from datetime import datetime

from services.enrolment.places.domain.commands import Restore, Withdraw
from services.enrolment.places.domain.course import Outcome, Places, each
from services.enrolment.places.domain.place import Decision, Place, Refusal
from shared.events.enrolment import TraineeDropoutWithdrawn, TraineeRestored


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
