"""Choosing from the nominees (Q13): never more than the pot holds, and nobody is passed over without a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.enrolment.places.domain import Refusal
from services.enrolment.pools.domain import Pool
from shared.events.enrolment import NomineeChosen, NomineeNotChosen, TraineeSelected


class Nominee(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination of a locked pot. What was overridden was decided when the person was nominated."""

    nomination_id: str
    person_id: str
    unit_id: str
    unit_path: str
    met_every_condition: bool
    overridden: list[str]
    override_reason: str | None
    chosen_at: datetime | None
    not_chosen_at: datetime | None


class Sorted(msgspec.Struct, frozen=True):
    """What was asked: who is to be chosen, who not, and what of it can't be; refusals name the nomination."""

    chosen: list[Nominee]
    passed: list[Nominee]
    refusals: list[Refusal]


def sort(known: Mapping[str, Nominee], chosen: Sequence[str], refused: Mapping[str, str]) -> Sorted:
    """Look each nomination up. Somebody passed over may still be chosen while there is a place; never the other way."""
    found = Sorted([], [], [])
    for key in dict.fromkeys([*chosen, *refused]):
        nominee, wanted = known.get(key), key in chosen
        against = _against(key, nominee, wanted, refused)
        if against or nominee is None:
            found.refusals.append(against or Refusal(key, "nomination-unknown"))
        else:
            (found.chosen if wanted else found.passed).append(nominee)
    return found


def _against(key: str, nominee: Nominee | None, wanted: bool, refused: Mapping[str, str]) -> Refusal | None:  # noqa: FBT001
    if nominee is None:
        return Refusal(key, "nomination-unknown")
    if wanted and key in refused:
        return Refusal(key, "chosen-and-refused")
    if nominee.chosen_at:
        return Refusal(key, "already-chosen", {"at": nominee.chosen_at})
    if wanted:
        return None
    if nominee.not_chosen_at:
        return Refusal(key, "already-not-chosen", {"at": nominee.not_chosen_at})
    return None if refused[key].strip() else Refusal(key, "choice-reason-missing")


def with_conditions(selected: Sequence[TraineeSelected], nominees: Mapping[str, Nominee]) -> list[TraineeSelected]:
    """The places with what was found when their people were nominated; ``nominees`` are by person."""
    return [
        msgspec.structs.replace(
            e,
            met_every_condition=nominees[e.person_id].met_every_condition,
            overridden=nominees[e.person_id].overridden,
        )
        for e in selected
    ]


def chosen_events(
    pool: Pool, selected: Sequence[TraineeSelected], nominees: Mapping[str, Nominee]
) -> list[NomineeChosen]:
    """That these nominees were chosen, in the pot's stream."""
    return [
        NomineeChosen(
            pool_id=pool.pool_id,
            nomination_id=nominees[e.person_id].nomination_id,
            person_id=e.person_id,
            place_id=e.place_id,
            chosen_at=e.selected_at,
        )
        for e in selected
    ]


def passed_events(pool: Pool, passed: Sequence[Nominee], now: datetime) -> list[NomineeNotChosen]:
    """That these were not, so that they can be told."""
    return [
        NomineeNotChosen(
            pool_id=pool.pool_id,
            nomination_id=n.nomination_id,
            person_id=n.person_id,
            programme_id=pool.programme_id,
            policy_key=pool.policy_key,
            project=pool.project,
            unit_id=n.unit_id,
            unit_path=n.unit_path,
            decided_at=now,
        )
        for n in passed
    ]


def renamed(refusal: Refusal, nominees: Mapping[str, Nominee], pool: Pool) -> Refusal:
    """A refusal of a person as one of the nomination; a pot that is full says so with its numbers."""
    key = nominees[refusal.key].nomination_id
    if refusal.code == "quota-used-up":
        return Refusal(key, "pool-full", {"places": pool.places, "chosen": pool.chosen})
    return Refusal(key, refusal.code, refusal.vars)
