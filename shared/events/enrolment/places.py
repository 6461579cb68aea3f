"""Places: one person's way from selection to completion."""

from datetime import datetime
from typing import ClassVar, Literal

from shared.events.base import Event

Cause = Literal["no_show", "dismissed", "not_completed"]
Undoing = Literal["attendance_corrected", "reason_accepted"]


class PlaceEvent(Event, frozen=True, kw_only=True):
    """Common to all events of a place: one person's way from selection to completion."""

    topic: ClassVar[str] = "training.place.v1"
    stream_field: ClassVar[str] = "place_id"

    place_id: str
    person_id: str


class TraineeSelected(PlaceEvent, frozen=True, kw_only=True):
    """A person was selected. ``overridden`` names conditions passed by a recorded override."""

    type: ClassVar[str] = "training.trainee.selected.v1"

    programme_id: str
    policy_key: str
    project: str
    cohort: str
    cohort_kind: str
    plan_level: str
    forms: list[str]
    unit_id: str
    unit_path: str
    selected_at: datetime
    met_every_condition: bool
    overridden: list[str] = []
    substitute_for: str | None = None


class TraineeRegistered(PlaceEvent, frozen=True, kw_only=True):
    """The person registered on the platform (C10: not the same as checking in)."""

    type: ClassVar[str] = "training.trainee.registered.v1"

    registered_at: datetime


class TraineeAssigned(PlaceEvent, frozen=True, kw_only=True):
    """The place got its class."""

    type: ClassVar[str] = "training.trainee.assigned.v1"

    class_id: str
    institution_id: str
    institution_path: str


class TraineeCheckedIn(PlaceEvent, frozen=True, kw_only=True):
    """The person is there."""

    type: ClassVar[str] = "training.trainee.checked_in.v1"

    class_id: str
    checked_in_at: datetime
    method: str


class TraineeExcused(PlaceEvent, frozen=True, kw_only=True):
    """An absence was accepted; ``reason`` is a key of the policy's accepted reasons."""

    type: ClassVar[str] = "training.trainee.excused.v1"

    class_id: str
    reason: str
    evidence: list[str]
    accepted_by: str
    excused_at: datetime


class TraineeExpected(PlaceEvent, frozen=True, kw_only=True):
    """The place was on the class list when check-in closed (the denominator of the check-in rate)."""

    type: ClassVar[str] = "training.trainee.expected.v1"

    class_id: str
    closed_at: datetime


class TraineeDropoutRecorded(PlaceEvent, frozen=True, kw_only=True):
    """A no-show, a dismissal or a failure to complete, without accepted reason. Carries what blacklist needs."""

    type: ClassVar[str] = "training.trainee.dropout_recorded.v1"

    class_id: str
    cause: Cause
    programme_id: str
    policy_key: str
    project: str
    cohort: str
    cohort_kind: str
    plan_level: str
    forms: list[str]
    unit_id: str
    unit_path: str
    institution_id: str
    institution_path: str
    occurred_at: datetime
    evidence: list[str] = []


class TraineeDropoutWithdrawn(PlaceEvent, frozen=True, kw_only=True):
    """A recorded dropout no longer stands: attendance was corrected, or its reason was accepted after all (L05).

    What is true instead follows in events of its own: checked in, completed, excused. ``evidence`` names statements.
    """

    type: ClassVar[str] = "training.trainee.dropout_withdrawn.v1"

    class_id: str
    cause: Cause
    why: Undoing
    withdrawn_at: datetime
    evidence: list[str] = []


class TraineeCompleted(PlaceEvent, frozen=True, kw_only=True):
    """The person completed the class."""

    type: ClassVar[str] = "training.trainee.completed.v1"

    class_id: str
    completed_at: datetime


class TraineeRevoked(PlaceEvent, frozen=True, kw_only=True):
    """A place fell to a ban that covers it: the ban wins, whatever came first."""

    type: ClassVar[str] = "training.trainee.revoked.v1"

    entry_id: str
    revoked_at: datetime


class TraineeRestored(PlaceEvent, frozen=True, kw_only=True):
    """A place that fell to a ban is given back: the entry was quashed, and the place was still to be had."""

    type: ClassVar[str] = "training.trainee.restored.v1"

    entry_id: str
    restored_at: datetime


class TraineeReplaced(PlaceEvent, frozen=True, kw_only=True):
    """The place was given to a substitute before check-in closed; nothing is held against its holder (L13)."""

    type: ClassVar[str] = "training.trainee.replaced.v1"

    substitute_place_id: str
    replaced_at: datetime
