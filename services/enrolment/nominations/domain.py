"""Nominating: the same conditions as for selecting, and the unit's share of the pot instead of a quota (Q13)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from services.enrolment.places.domain import Cell, Decision, Refusal
from services.enrolment.pools.domain import Pool, Share
from shared.events.base import Names
from shared.events.enrolment import TraineeNominated, TraineeSelected

_CODES: Final = {
    "quota-used-up": "nominations-used-up",
    "no-quota": "no-nominations",
    "already-selected": "already-nominated",
}


class Nominated(msgspec.Struct, frozen=True):
    """What a list of nominations leads to; every person is either in ``events`` or in ``refusals``."""

    events: list[TraineeNominated]
    refusals: list[Refusal]


class Nomination(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination as lists show it; ``name`` is there for those who may see the person."""

    nomination_id: str
    person_id: str
    name: str | None
    unit: Names
    nominated_by: Names
    nominated_at: Any
    met_every_condition: bool
    overridden: list[str]
    override_reason: str | None
    chosen_at: Any
    not_chosen_at: Any
    not_chosen_reason: str | None

    @property
    def state(self) -> str:
        """Chosen, not chosen, or waiting for the choice; who was passed over first may still be chosen."""
        return "chosen" if self.chosen_at else "not_chosen" if self.not_chosen_at else "waiting"


def share_of(path: str, shares: Iterable[Share]) -> Share | None:
    """The share out of which somebody of the unit at ``path`` is nominated."""
    return next((s for s in shares if path.startswith(s.unit_path)), None)


def cells(shares: Mapping[str, Share]) -> dict[str, Cell]:
    """Shares by the unit of the people, as the decision on selecting takes its cells."""
    return {
        unit_id: Cell(cell_id=s.unit_id, unit_id=unit_id, unit=s.unit, places=s.nominations, selected=s.named)
        for unit_id, s in shares.items()
    }


def as_nominations(pool: Pool, decision: Decision, shares: Mapping[str, Share]) -> Nominated:
    """The decision on selecting, as one on nominating: whoever would get a place is nominated for one."""
    selected = [e for e in decision.events if isinstance(e, TraineeSelected)]
    return Nominated([_event(pool, e, shares[e.unit_id]) for e in selected], [renamed(r) for r in decision.refusals])


def renamed(refusal: Refusal) -> Refusal:
    """The refusal in the words of nominating; ``place_id`` would name a nomination."""
    code = _CODES.get(refusal.code)
    if code is None:
        return refusal
    return Refusal(refusal.key, code, {k: v for k, v in refusal.vars.items() if k != "place_id"})


def _event(pool: Pool, e: TraineeSelected, share: Share) -> TraineeNominated:
    return TraineeNominated(
        pool_id=pool.pool_id,
        nomination_id=e.place_id,
        person_id=e.person_id,
        unit_id=e.unit_id,
        unit_path=e.unit_path,
        nominated_by=share.unit_id,
        nominated_at=e.selected_at,
        met_every_condition=e.met_every_condition,
        overridden=e.overridden,
    )


def strays(person_ids: Sequence[str], known: Iterable[str]) -> list[Refusal]:
    """Refusals of people who are not on record."""
    found = set(known)
    return [Refusal(i, "person-unknown") for i in dict.fromkeys(person_ids) if i not in found]
