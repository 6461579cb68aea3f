"""Events of enrolment: units, programme years, quota, places, classes and documents.

Ids are random UUIDs as text. Dates are civil dates in Asia/Shanghai; datetimes carry an offset. No event carries
a name, an ID number, a phone or an address of a person.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from shared.events.base import Event, Names

Cause = Literal["no_show", "dismissed", "not_completed"]


class UnitRegistered(Event, frozen=True, kw_only=True):
    """A unit of the tree, or a training institution (kind ``institution``). Path is ``/root-id/…/unit-id/``."""

    type: ClassVar[str] = "training.unit.registered.v1"
    topic: ClassVar[str] = "training.unit.v1"
    stream_field: ClassVar[str] = "unit_id"

    unit_id: str
    code: str
    kind: str
    level: str | None
    parent_id: str | None
    path: str
    names: Names
    school_kind: str | None = None
    rural: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class ProgrammePublished(Event, frozen=True, kw_only=True):
    """A programme year with every section of its policy; the services act on this alone."""

    type: ClassVar[str] = "training.programme.published.v1"
    topic: ClassVar[str] = "training.programme.v1"
    stream_field: ClassVar[str] = "programme_id"

    programme_id: str
    key: str
    revision: int
    year: int
    issuer_unit_id: str
    issuer_path: str
    sha256: str
    policy: dict[str, Any]
    published_at: datetime


class QuotaAllocated(Event, frozen=True, kw_only=True):
    """The places of one cell (cohort x unit), as a new total. ``parent_cell_id`` is None for cells of the first level."""

    type: ClassVar[str] = "training.quota.allocated.v1"
    topic: ClassVar[str] = "training.quota.v1"
    stream_field: ClassVar[str] = "cell_id"

    cell_id: str
    parent_cell_id: str | None
    programme_id: str
    policy_key: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    places: int
    synthetic: bool = False


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


class TraineeCompleted(PlaceEvent, frozen=True, kw_only=True):
    """The person completed the class."""

    type: ClassVar[str] = "training.trainee.completed.v1"

    class_id: str
    completed_at: datetime


class TraineeRevoked(PlaceEvent, frozen=True, kw_only=True):
    """A place fell to a ban that covers it (DESIGN: the ban always wins)."""

    type: ClassVar[str] = "training.trainee.revoked.v1"

    entry_id: str
    revoked_at: datetime


class ClassEvent(Event, frozen=True, kw_only=True):
    """Common to all events of a class."""

    topic: ClassVar[str] = "training.class.v1"
    stream_field: ClassVar[str] = "class_id"

    class_id: str


class ClassScheduled(ClassEvent, frozen=True, kw_only=True):
    """An institution fixed time and place. ``date_version`` grows with every change of the announced dates."""

    type: ClassVar[str] = "training.class.scheduled.v1"

    programme_id: str
    policy_key: str
    project: str
    cohort: str
    plan_level: str
    forms: list[str]
    institution_id: str
    institution_path: str
    name: Names
    period: int
    theme: str
    address: str
    starts_on: date
    ends_on: date
    checkin_opens_at: datetime
    checkin_closes_at: datetime
    date_version: int


class ClassOpened(ClassEvent, frozen=True, kw_only=True):
    """The class is open: place and time are final until a change is announced."""

    type: ClassVar[str] = "training.class.opened.v1"

    opened_at: datetime
    starts_on: date
    ends_on: date
    address: str
    date_version: int


class ClassRescheduled(ClassEvent, frozen=True, kw_only=True):
    """Dates or place changed; the old ones are void."""

    type: ClassVar[str] = "training.class.rescheduled.v1"

    cause: str
    rescheduled_at: datetime
    previous_starts_on: date
    starts_on: date
    ends_on: date
    address: str
    checkin_opens_at: datetime
    checkin_closes_at: datetime
    date_version: int


class ClassCancelled(ClassEvent, frozen=True, kw_only=True):
    """The class will not take place; nobody is blamed for not coming (L13)."""

    type: ClassVar[str] = "training.class.cancelled.v1"

    cause: str
    cancelled_at: datetime
    date_version: int


class ClassCheckinClosed(ClassEvent, frozen=True, kw_only=True):
    """Check-in closed; the class took place as announced when ``held``."""

    type: ClassVar[str] = "training.class.checkin_closed.v1"

    closed_at: datetime
    held: bool
    expected: int
    checked_in: int


class ClassEnded(ClassEvent, frozen=True, kw_only=True):
    """The last day is over and completion was decided."""

    type: ClassVar[str] = "training.class.ended.v1"

    ended_at: datetime


class DocumentSubmitted(Event, frozen=True, kw_only=True):
    """A document was handed in; the file itself stays in enrolment."""

    type: ClassVar[str] = "training.document.submitted.v1"
    topic: ClassVar[str] = "training.document.v1"
    stream_field: ClassVar[str] = "document_id"

    document_id: str
    document: str
    programme_id: str
    policy_key: str
    project: str
    class_id: str | None
    institution_id: str
    institution_path: str
    file_id: str
    sha256: str
    size: int
    submitted_at: datetime
    due_at: datetime | None
    on_time: bool
