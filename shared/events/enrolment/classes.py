"""Classes, and the documents that institutions owe for them."""

from datetime import date, datetime
from typing import ClassVar

from shared.events.base import Event, Names


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
