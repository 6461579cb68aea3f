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
    found, wanted = Sorted([], [], []), set(chosen)
    for key in dict.fromkeys([*chosen, *refused]):
        nominee = known.get(key)
        if nominee is None:
            found.refusals.append(Refusal(key, "nomination-unknown"))
        elif against := _no_choice(nominee, refused) if key in wanted else _no_pass(nominee, refused[key]):
            found.refusals.append(against)
        else:
            (found.chosen if key in wanted else found.passed).append(nominee)
    return found


def _no_choice(nominee: Nominee, refused: Mapping[str, str]) -> Refusal | None:
    """What stands against choosing."""
    if nominee.nomination_id in refused:
        return Refusal(nominee.nomination_id, "chosen-and-refused")
    return _chosen_already(nominee)


def _no_pass(nominee: Nominee, reason: str) -> Refusal | None:
    """What stands against passing over."""
    if already := _chosen_already(nominee):
        return already
    if nominee.not_chosen_at:
        return Refusal(nominee.nomination_id, "already-not-chosen", {"at": nominee.not_chosen_at})
    return None if reason.strip() else Refusal(nominee.nomination_id, "choice-reason-missing")


def _chosen_already(nominee: Nominee) -> Refusal | None:
    return Refusal(nominee.nomination_id, "already-chosen", {"at": nominee.chosen_at}) if nominee.chosen_at else None


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
