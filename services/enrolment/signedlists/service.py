"""A signed list, typed in afterwards: many arrivals at once, each by hand. Lock order: people, places, class."""

from collections.abc import Iterable, Sequence
from typing import Any

from services.enrolment.checkin import store
from services.enrolment.checkin.service import BY_HAND, may_arrive
from services.enrolment.classes.service import Act, accepted, own, policy_for
from services.enrolment.classes.store import find_class, persons_of_places, share_class
from services.enrolment.people.store import lock_people
from services.enrolment.places.domain import CheckIn, Place, decide_check_in
from services.enrolment.places.service import bans_for_class
from services.enrolment.places.store import lock_places
from services.enrolment.places.store import save as save_places
from services.enrolment.wording.service import said
from shared.problems import Problem


async def check_in(act: Act, class_id: str, place_ids: Sequence[str], reason: str) -> dict[str, Any]:
    """Check in everyone on the list whom the rules let in; each of the others is told with what to do.

    Problems: those of the class, 422 statement-missing. The reason is kept for each arrival (M02).
    """
    if not reason.strip():
        raise Problem(422, "statement-missing")
    await own(act, class_id, find_class)
    await lock_people(act.con, await persons_of_places(act.con, place_ids))
    places = await lock_places(act.con, place_ids)
    klass = await own(act, class_id, share_class)
    policy = await policy_for(act, klass)
    accepted(act, may_arrive(klass, policy, BY_HAND))
    bans = await bans_for_class(act.con, in_class(places.values(), class_id), klass.starts_on, klass.plan_level, klass.forms)  # fmt: skip
    commands = [CheckIn(place_id=i, class_id=class_id, method=BY_HAND, opens_at=klass.checkin_opens_at,
                        closes_at=klass.checkin_closes_at) for i in place_ids if i not in bans]  # fmt: skip
    decision = decide_check_in(commands, places, act.context.now)
    arrived = [event.place_id for event in decision.events]
    await save_places(act.con, act.context.with_policy(policy.version), places, decision.events)
    await store.put_statements(act.con, act.context, BY_HAND, dict.fromkeys(arrived, reason.strip()))
    refused = [*bans.values(), *decision.refusals]
    return {"checked_in": arrived, "refused": [{"place_id": r.key, **said(act.texts, r.code, r.vars)} for r in refused]}


def in_class(places: Iterable[Place], class_id: str) -> list[Place]:
    """The places of the class; of others not even a ban is told."""
    return [p for p in places if p.class_id == class_id]
