"""State of a place and how events change it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from shared.events.enrolment import (
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
)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One person's place. ``version`` is that of its last event; a moment that is None has not happened.

    ``revoked_at``: taken from its holder, by a ban (``revoked_by`` its entry) or for a substitute (``replaced_by`` their place).
    """

    place_id: str
    person_id: str
    version: int
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
    registered_at: datetime | None = None
    class_id: str | None = None
    institution_id: str | None = None
    institution_path: str | None = None
    checked_in_at: datetime | None = None
    checkin_method: str | None = None
    excused_at: datetime | None = None
    excuse_reason: str | None = None
    expected_at: datetime | None = None
    dropout_at: datetime | None = None
    dropout_cause: Cause | None = None
    completed_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    substitute_for: str | None = None
    replaced_by: str | None = None

    @property
    def over(self) -> bool:
        """Nothing can happen to the place any more."""
        return any((self.completed_at, self.dropout_at, self.revoked_at))

    @property
    def status(self) -> str:
        """The furthest step of the way, for display: the facts themselves are the moments."""
        return status_of(msgspec.structs.asdict(self))


_STEPS: Final = (
    ("replaced", "replaced_by"),
    ("revoked", "revoked_at"),
    ("completed", "completed_at"),
    ("dropped_out", "dropout_at"),
    ("checked_in", "checked_in_at"),
    ("excused", "excused_at"),
    ("assigned", "class_id"),
    ("registered", "registered_at"),
)


def status_of(place: Mapping[str, object]) -> str:
    """The furthest step of a place or of a row of the table."""
    return next((name for name, fact in _STEPS if place[fact] is not None), "selected")


class Refusal(msgspec.Struct, frozen=True):
    """Why a command had no effect: ``key`` is the place (or person) it was for, ``code`` a problem of texts.yaml."""

    key: str
    code: str
    vars: dict[str, Any] = {}


class Decision(msgspec.Struct, frozen=True):
    """What a list of commands leads to; every command is either in ``events`` or in ``refusals``."""

    events: list[PlaceEvent]
    refusals: list[Refusal]


def apply(place: Place | None, event: PlaceEvent) -> Place:
    """The state after one event; only the first event of a place starts from None."""
    if isinstance(event, TraineeSelected):
        return _selected(event)
    if place is None:
        raise ValueError(f"{event.type} on a place that was never selected")
    return msgspec.structs.replace(place, version=place.version + 1, **_CHANGES[type(event)](event))


def _selected(e: TraineeSelected) -> Place:
    return Place(
        place_id=e.place_id,
        person_id=e.person_id,
        version=1,
        programme_id=e.programme_id,
        policy_key=e.policy_key,
        project=e.project,
        cohort=e.cohort,
        cohort_kind=e.cohort_kind,
        plan_level=e.plan_level,
        forms=e.forms,
        unit_id=e.unit_id,
        unit_path=e.unit_path,
        selected_at=e.selected_at,
        met_every_condition=e.met_every_condition,
        overridden=e.overridden,
        substitute_for=e.substitute_for,
    )


_CHANGES: Final[dict[type[PlaceEvent], Callable[[Any], dict[str, Any]]]] = {
    TraineeRegistered: lambda e: {"registered_at": e.registered_at},
    TraineeAssigned: lambda e: {
        "class_id": e.class_id,
        "institution_id": e.institution_id,
        "institution_path": e.institution_path,
    },
    TraineeCheckedIn: lambda e: {"checked_in_at": e.checked_in_at, "checkin_method": e.method},
    TraineeExcused: lambda e: {"excused_at": e.excused_at, "excuse_reason": e.reason},
    TraineeExpected: lambda e: {"expected_at": e.closed_at},
    TraineeDropoutRecorded: lambda e: {"dropout_at": e.occurred_at, "dropout_cause": e.cause},
    TraineeDropoutWithdrawn: lambda _: {"dropout_at": None, "dropout_cause": None},
    TraineeCompleted: lambda e: {"completed_at": e.completed_at},
    TraineeRevoked: lambda e: {"revoked_at": e.revoked_at, "revoked_by": e.entry_id},
    TraineeReplaced: lambda e: {"revoked_at": e.replaced_at, "replaced_by": e.substitute_place_id},
    TraineeRestored: lambda _: {"revoked_at": None, "revoked_by": None},
}
