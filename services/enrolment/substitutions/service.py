"""Substitutes: asked for by the unit that sent the person, approved by its superior, in force before check-in closes (L13)."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import msgspec

from services.enrolment.checkin.domain import give_codes
from services.enrolment.checkin.service import hold, whole
from services.enrolment.checkin.store import put_codes, taken_codes
from services.enrolment.classes.domain import Class
from services.enrolment.classes.service import Act, barred, problem
from services.enrolment.classes.store import share_class
from services.enrolment.people.store import LockedPerson, lock_people, units_of
from services.enrolment.places.domain import (
    Assign,
    Cell,
    Decision,
    Place,
    Replace,
    apply,
    decide_assign,
    decide_replace,
    decide_selection,
    rules_of,
)
from services.enrolment.places.service import candidates_of, fillable
from services.enrolment.places.store import lock_places, save
from services.enrolment.programmes.service import policy_of
from services.enrolment.quota.store import lock_cells
from services.enrolment.substitutions import store
from services.enrolment.substitutions.store import Asked
from shared.events.enrolment import TraineeSelected
from shared.policy import Policy
from shared.policy.participation import Substitution
from shared.problems import Problem

SENDERS: Final = ("city", "county", "school")
APPROVERS: Final = ("province", "city", "county")


async def ask(act: Act, place_id: str, substitute_id: str, reason: str) -> dict[str, Any]:
    """Ask for a substitute; nothing changes before the superior approves.

    Problems: 404 out-of-scope; 409 why the place can't change hands, substitution-asked, stood-in-already; 422
    substitution-reason-missing, substitute-elsewhere.
    """
    place = await hold(act, place_id)
    act.principal.require(place.unit_path, *SENDERS)
    if not reason.strip():
        raise Problem(422, "substitution-reason-missing")
    policy = (await policy_of(act.con, place.programme_id)).policy
    rules = _rules(policy)
    await _replaceable(act, place)
    if (await units_of(act.con, [substitute_id])).get(substitute_id) != place.unit_id:
        raise Problem(422, "substitute-elsewhere")
    if await store.stood_in(act.con, place, substitute_id, rules.once_per):
        raise Problem(409, "stood-in-already")
    if not await store.add(act.con, act.context, place, substitute_id, reason.strip(), act.principal.subject):
        raise Problem(409, "substitution-asked")
    return {"place_id": place_id, "substitute_id": substitute_id, "status": "asked"}


async def decide(act: Act, place_id: str, words: str, *, approve: bool) -> dict[str, Any]:
    """Approve or refuse, as an officer of the superior and not the one who asked. Locks cell, people, place, class.

    Problems: 404 out-of-scope; 409 substitution-not-asked, substitution-own, and whatever refuses a selection.
    """
    asked = await store.asked(act.con, place_id, lock=True)
    seen = await _place(act, place_id)
    act.principal.require(above(seen.unit_path), *APPROVERS)
    if asked is None:
        raise Problem(409, "substitution-not-asked")
    if asked.asked_by == act.principal.subject:
        raise Problem(409, "substitution-own")
    new = await _replace(act, seen, asked) if approve else None
    status = "approved" if approve else "refused"
    await store.decide(act.con, act.context, asked.substitution_id, status, act.principal.subject, words.strip())
    return {"place_id": place_id, "status": status, "substitute_place_id": new}


async def _replace(act: Act, seen: Place, asked: Asked) -> str:
    """The old place changes hands and the new one takes its class, in one transaction; gives the new place's id."""
    cells = await lock_cells(act.con, seen.programme_id, seen.cohort, [seen.unit_id])
    people = await lock_people(act.con, [seen.person_id, asked.substitute_id])
    place = (await lock_places(act.con, [seen.place_id]))[seen.place_id]
    policy = (await policy_of(act.con, place.programme_id)).policy
    context = act.context.with_policy(policy.version)
    new_id = str(uuid4())
    klass, replaced = await _replaceable(act, place, new_id)
    new = await _selected(act, policy, place, people.get(asked.substitute_id), fillable(cells), new_id)
    await save(act.con, context, {place.place_id: place}, replaced.events)
    await save(act.con, context, {}, [new])
    if klass is not None:
        await _join(act, policy, klass, apply(None, new))
    return new_id


async def _selected(
    act: Act, policy: Policy, place: Place, person: LockedPerson | None, cells: dict[str, Cell], new_id: str
) -> TraineeSelected:
    """The substitute's selection, by the same checks, into the place that becomes free."""
    rules = rules_of(policy, place.programme_id, place.cohort)
    known = (
        [msgspec.structs.replace(c, place_id=new_id) for c in await candidates_of(act.con, rules, [person])]
        if person
        else []
    )
    freed = {u: msgspec.structs.replace(c, selected=c.selected - 1) for u, c in cells.items()}
    decision = decide_selection(known, freed, rules, {}, act.context.now)
    if decision.refusals:
        raise problem(act.texts, decision.refusals)
    events = [e for e in decision.events if isinstance(e, TraineeSelected)]
    if len(events) != 1:
        raise Problem(422, "substitute-elsewhere")
    return msgspec.structs.replace(events[0], substitute_for=place.place_id)


async def _join(act: Act, policy: Policy, klass: Class, new: Place) -> None:
    """Put the substitute on the list of the class; bans and overlaps are checked against its dates."""
    if refusals := await barred(act.con, klass, [new], klass):
        raise problem(act.texts, refusals)
    command = Assign(place_id=new.place_id, class_id=klass.class_id, institution_id=klass.institution_id,
                     institution_path=klass.institution_path)  # fmt: skip
    assigned = whole(act, decide_assign([command], {new.place_id: new}))
    after = await save(act.con, act.context.with_policy(policy.version), {new.place_id: new}, assigned.events)
    taken = await taken_codes(act.con, klass.class_id)
    codes = give_codes(act.codes_key, klass.class_id, klass.period, [new.place_id], taken)
    await put_codes(act.con, klass.class_id, klass.institution_path, list(after.values()), codes)


async def _replaceable(act: Act, place: Place, new_id: str = "") -> tuple[Class | None, Decision]:
    """The class that a substitute would join, and the old place's end. Problems: why it is too late.

    A cancelled class is left behind: the substitute waits for another one.
    """
    klass = await share_class(act.con, place.class_id) if place.class_id else None
    klass = None if klass and klass.status == "cancelled" else klass
    closes_at = klass.checkin_closes_at if klass else None
    command = Replace(place_id=place.place_id, substitute_place_id=new_id, closes_at=closes_at)
    return klass, whole(act, decide_replace([command], {place.place_id: place}, act.context.now))


async def _place(act: Act, place_id: str) -> Place:
    place = await store.place_of(act.con, place_id)
    if place is None:
        raise Problem(404, "out-of-scope")
    return place


def _rules(policy: Policy) -> Substitution:
    rules = policy.participation.substitution
    if rules is None:
        raise Problem(409, "substitution-impossible")
    return rules


def above(unit_path: str) -> str:
    """The path of the superior of the unit that sent somebody."""
    parts: Sequence[str] = unit_path.strip("/").split("/")
    return "/" + "".join(f"{part}/" for part in parts[:-1])
