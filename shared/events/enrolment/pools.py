"""Pools: one pot of places, units that nominate more people than it holds, and somebody who chooses (Q13)."""

from datetime import datetime
from typing import ClassVar

from shared.events.base import Event


class PoolEvent(Event, frozen=True, kw_only=True):
    """Common to all events of a pool. Nominations stand in its stream, so that their order is that of the pool."""

    topic: ClassVar[str] = "training.pool.v1"
    stream_field: ClassVar[str] = "pool_id"

    pool_id: str


class PoolOpened(PoolEvent, frozen=True, kw_only=True):
    """A published year has such a pot: so many places, for which so many people may be nominated."""

    type: ClassVar[str] = "training.pool.opened.v1"

    programme_id: str
    policy_key: str
    project: str
    cohort: str
    places: int
    nominations: int
    opened_at: datetime


class PoolAssigned(PoolEvent, frozen=True, kw_only=True):
    """The institution that chooses from the nominees; a later one takes its place."""

    type: ClassVar[str] = "training.pool.assigned.v1"

    institution_id: str
    institution_path: str
    assigned_at: datetime


class PoolShared(PoolEvent, frozen=True, kw_only=True):
    """How many people a unit may nominate, as a new total. It is no quota: nobody has a place by it."""

    type: ClassVar[str] = "training.pool.shared.v1"

    unit_id: str
    unit_path: str
    nominations: int
    synthetic: bool = False


class TraineeNominated(PoolEvent, frozen=True, kw_only=True):
    """A unit nominated a person. That takes no place, and leaves no trace in rates or record (L13)."""

    type: ClassVar[str] = "training.trainee.nominated.v1"

    nomination_id: str
    person_id: str
    unit_id: str
    unit_path: str
    nominated_by: str
    nominated_at: datetime
    met_every_condition: bool
    overridden: list[str] = []


class NomineeChosen(PoolEvent, frozen=True, kw_only=True):
    """The institution chose a nominee, who has a place from here on: the place's own stream begins with it."""

    type: ClassVar[str] = "training.nominee.chosen.v1"

    nomination_id: str
    person_id: str
    place_id: str
    chosen_at: datetime


class NomineeNotChosen(PoolEvent, frozen=True, kw_only=True):
    """The institution did not choose a nominee; its reason stays in enrolment. Carries what telling them needs."""

    type: ClassVar[str] = "training.nominee.not_chosen.v1"

    nomination_id: str
    person_id: str
    programme_id: str
    policy_key: str
    project: str
    unit_id: str
    unit_path: str
    decided_at: datetime
