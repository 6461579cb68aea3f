"""Process inspections of institutions."""

from datetime import date
from typing import ClassVar

from shared.events.base import Event


class InspectionScored(Event, frozen=True, kw_only=True):
    """An inspection form was scored (M09); a later event of the same inspection corrects it. Scores are decimal numbers as text."""

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
