"""Process inspections: the expert group's scores of institutions."""

from datetime import date
from typing import ClassVar

from shared.events.base import Event


class InspectionScored(Event, frozen=True, kw_only=True):
    """The score of one inspection; a corrected score is the next event of the same inspection (A11, M09).

    ``score`` and ``max`` are decimals as text, ``0 <= score <= max``, so that no reader rounds them.
    """

    type: ClassVar[str] = "training.inspection.scored.v1"
    topic: ClassVar[str] = "training.inspection.v1"
    stream_field: ClassVar[str] = "inspection_id"

    inspection_id: str
    policy_key: str
    project: str
    institution_id: str
    institution_path: str
    score: str
    max: str
    inspected_on: date
