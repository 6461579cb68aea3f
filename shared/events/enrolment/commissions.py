"""Commissions: which institution carries which project of a year."""

from datetime import datetime
from typing import ClassVar

from shared.events.base import Event


class CommissionEvent(Event, frozen=True, kw_only=True):
    """Common to all events of a commission: one institution, one project of one year."""

    topic: ClassVar[str] = "training.commission.v1"
    stream_field: ClassVar[str] = "commission_id"

    commission_id: str
    programme_id: str
    policy_key: str
    project: str
    institution_id: str
    institution_path: str


class ProjectCommissioned(CommissionEvent, frozen=True, kw_only=True):
    """The institution carries the project: from now on it owes its form, its class dates and its reports (D01, D03, D10)."""

    type: ClassVar[str] = "training.project.commissioned.v1"

    commissioned_at: datetime


class ProjectReleased(CommissionEvent, frozen=True, kw_only=True):
    """The institution carries the project no more; what it owed without a class is owed no more."""

    type: ClassVar[str] = "training.project.released.v1"

    released_at: datetime
    reason: str
