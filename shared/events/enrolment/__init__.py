"""Events of enrolment: units, programme years, commissions, quota, places, classes, documents and inspections.

Ids are random UUIDs as text. Dates are civil dates in Asia/Shanghai; datetimes carry an offset. No event carries
a name, an ID number, a phone or an address of a person.
"""

from shared.events.enrolment.classes import (
    ClassCancelled,
    ClassCheckinClosed,
    ClassEnded,
    ClassEvent,
    ClassOpened,
    ClassRescheduled,
    ClassScheduled,
    DocumentSubmitted,
)
from shared.events.enrolment.commissions import (
    CommissionEvent,
    ProjectCommissioned,
    ProjectReleased,
)
from shared.events.enrolment.inspections import InspectionScored
from shared.events.enrolment.places import (
    Cause,
    PlaceEvent,
    TraineeAssigned,
    TraineeCheckedIn,
    TraineeCompleted,
    TraineeDropoutRecorded,
    TraineeDropoutWithdrawn,
    TraineeExcused,
    TraineeExpected,
    TraineeRegistered,
    TraineeReplaced,
    TraineeRestored,
    TraineeRevoked,
    TraineeSelected,
    Undoing,
)
from shared.events.enrolment.units import (
    ProgrammePublished,
    QuotaAllocated,
    UnitRegistered,
)

__all__ = [
    "Cause",
    "ClassCancelled",
    "ClassCheckinClosed",
    "ClassEnded",
    "ClassEvent",
    "ClassOpened",
    "ClassRescheduled",
    "ClassScheduled",
    "CommissionEvent",
    "DocumentSubmitted",
    "InspectionScored",
    "PlaceEvent",
    "ProgrammePublished",
    "ProjectCommissioned",
    "ProjectReleased",
    "QuotaAllocated",
    "TraineeAssigned",
    "TraineeCheckedIn",
    "TraineeCompleted",
    "TraineeDropoutRecorded",
    "TraineeDropoutWithdrawn",
    "TraineeExcused",
    "TraineeExpected",
    "TraineeRegistered",
    "TraineeReplaced",
    "TraineeRestored",
    "TraineeRevoked",
    "TraineeSelected",
    "Undoing",
    "UnitRegistered",
]
