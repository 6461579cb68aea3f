"""Units, programme years and quota."""

from datetime import date, datetime
from typing import Any, ClassVar

from shared.events.base import Event, Names


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
