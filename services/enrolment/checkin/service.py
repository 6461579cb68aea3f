"""Commands of check-in day and after: check in, excuse, close, dismiss, complete. Lock order: person, place, class."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from services.enrolment.checkin import store
from services.enrolment.checkin.domain import (
    count,
    decide_acceptance,
    decide_closing,
    decide_completion,
    normalise,
    not_absent,
    place_of,
    proves,
    undecided,
)
from services.enrolment.checkin.store import Code
from services.enrolment.classes.domain import Class, decide_close, decide_end
from services.enrolment.classes.service import Act, accepted, answer, lock_list, own, policy_for, problem
from services.enrolment.classes.store import find_class, persons_of_places, share_class
from services.enrolment.classes.store import save as save_class
from services.enrolment.people.store import lock_people
from services.enrolment.places.domain import (
    CheckIn,
    Decision,
    DropOut,
    Excuse,
    Place,
    Refusal,
    decide_check_in,
    decide_drop_out,
)
from services.enrolment.places.service import bans_for_class
from services.enrolment.places.store import lock_places
from services.enrolment.places.store import save as save_places
from services.enrolment.programmes.service import policy_of
from shared.policy import Policy
from shared.problems import Problem

MOVED: Final = "class_change_event"
BY_HAND: Final = "by_hand"
NEEDS_METHOD: Final = {
    "qr": "qr",
    "code": "qr",
    BY_HAND: BY_HAND,
}  # a typed code stands in for a code that can't be scanned


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the desk: a code, typed or scanned, or a place and the reason why there is no code."""

    code: str | None = None
    place_id: str | None = None
    reason: str | None = None


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody can't come: a reason of the policy, the kinds of evidence seen, and what was said about it."""

    reason: str
    evidence: list[str]
    note: str


async def check_in(act: Act, class_id: str, arrival: Arrival) -> dict[str, Any]:
    """Check one person in. The answer names nobody: it is kept, and names are kept in one place only."""
    klass = await own(act, class_id, find_class)
    place_id, method = await who(act, klass, arrival)
    place = await hold(act, place_id)
    klass = await own(act, class_id, share_class)
    policy = await policy_for(act, klass)
    accepted(act, may_arrive(klass, policy, method))
    command = CheckIn(place_id=place_id, class_id=class_id, method=method,
                      opens_at=klass.checkin_opens_at, closes_at=klass.checkin_closes_at)  # fmt: skip
    decision = whole(act, decide_check_in([command], {place_id: place}, act.context.now))
    if bans := await bans_for_class(act.con, [place], klass.starts_on, klass.plan_level, klass.forms):
        raise problem(act.texts, list(bans.values()))
    await save_places(act.con, act.context.with_policy(policy.version), {place_id: place}, decision.events)
    if method == BY_HAND:
        await store.put_statements(act.con, act.context, BY_HAND, {place_id: (arrival.reason or "").strip()})
    counts = await store.counts(act.con, class_id)
    return {"class_id": class_id, "place_id": place_id, "checked_in_at": act.context.now, "method": method,
            "checked_in": counts.checked_in, "expected": counts.expected}  # fmt: skip


async def who(act: Act, klass: Class, arrival: Arrival) -> tuple[str, str]:
    """The place and the method. Problems: 404 code-unknown, 409 code-of-another-class, 422 code-missing."""
    if arrival.code and arrival.code.strip():
        code, method = await _read_code(act, klass, arrival.code.strip())
        if code.class_id != klass.class_id:
            raise Problem(409, "code-of-another-class", name=code.class_name, address=code.address)
        return code.place_id, method
    if arrival.place_id and arrival.reason and arrival.reason.strip():
        return arrival.place_id, BY_HAND
    raise Problem(422, "code-missing")


async def _read_code(act: Act, klass: Class, text: str) -> tuple[Code, str]:
    """A scanned address or token, or a typed code, of a class of this institution."""
    token = text.rpartition("/")[2]
    place_id = place_of(token)
    if place_id is None:
        found, method = await store.find_code(act.con, normalise(text), klass.institution_path, klass.class_id), "code"
    else:
        found, method = await store.code_of_place(act.con, place_id), "qr"
    if found is None or found.institution_path != klass.institution_path:
        raise Problem(404, "code-unknown")
    if place_id is not None and not proves(act.codes_key, found.class_id, place_id, token):
        raise Problem(404, "code-unknown")
    return found, method


def may_arrive(klass: Class, policy: Policy, method: str) -> Class | Refusal:
    """The class, if it takes arrivals by this method."""
    if klass.status == "checkin_closed" and klass.closed_at is not None:
        return Refusal(klass.class_id, "checkin-closed", {"closed_at": klass.closed_at})
    if klass.status != "open":
        return Refusal(klass.class_id, "class-not-open", {"status": [klass.status]})
    if NEEDS_METHOD[method] not in policy.participation.checkin.methods:
        return Refusal(klass.class_id, "checkin-method-not-allowed")
    return klass


async def excuse(act: Act, place_id: str, absence: Absence) -> dict[str, Any]:
    """Accept an absence (L05): by the policy's level or above, for one of its reasons, with the evidence it asks for.

    A dropout that was recorded already no longer stands then, whichever it was and however long the class is over.
    """
    place = await hold(act, place_id)
    policy = (await policy_of(act.con, place.programme_id)).policy
    act.principal.require_level(place.unit_path, *levels_upward(policy, policy.participation.accepted_by.level))
    klass = await class_of(act, place)
    if refusals := [r for r in (_still_runs(klass, place), not_absent(place), _really_moved(klass, absence)) if r]:
        raise problem(act.texts, refusals)
    command = Excuse(place_id=place_id, reason=absence.reason, evidence=absence.evidence,
                     accepted_by=act.principal.subject)  # fmt: skip
    decision = whole(act, decide_acceptance(command, place, policy, act.context.now))
    if absence.note.strip():
        await store.put_statements(act.con, act.context, "excuse", {place_id: absence.note.strip()})
    return await saved(act, policy, place, decision)


def levels_upward(policy: Policy, level: str) -> tuple[str, ...]:
    """The roles that act for a level or for one above it."""
    keys = [entry.key for entry in policy.units.levels]
    return tuple(keys[: keys.index(level) + 1])


async def close(act: Act, class_id: str, *, held: bool = True) -> dict[str, Any]:
    """Close check-in: everyone on the list is expected, who neither came nor is excused is a no-show (L02)."""
    klass, places = await lock_list(act, class_id)
    policy, now = await policy_for(act, klass), act.context.now
    counts = count(places)
    event = accepted(act, decide_close(klass, (counts.expected, counts.checked_in), now, held=held))
    listed = {p.place_id: p for p in places}
    decision = whole(act, decide_closing(class_id, listed, now))
    context = act.context.with_policy(policy.version)
    await save_places(act.con, context, listed, decision.events)
    closed = await save_class(act.con, context, klass, event)
    return answer(closed) | msgspec.structs.asdict(counts) | {"held": event.held}


async def dismiss(act: Act, place_id: str, text: str) -> dict[str, Any]:
    """Ask somebody to leave (L03), with a written statement that stays here; the event carries its id."""
    if not text.strip():
        raise Problem(422, "statement-missing")
    place = await hold(act, place_id)
    act.principal.require(place.institution_path or "", "institution")
    policy = await policy_for(act, await class_of(act, place))
    statement = await store.put_statements(act.con, act.context, "dismissal", {place_id: text.strip()})
    command = DropOut(place_id=place_id, cause="dismissed", evidence=[statement[place_id]])
    decision = whole(act, decide_drop_out([command], {place_id: place}, act.context.now))
    return await saved(act, policy, place, decision)


async def complete(act: Act, class_id: str, completed: Sequence[str], failed: Mapping[str, str]) -> dict[str, Any]:
    """Decide completion for everyone who checked in, and end the class (L04).

    ``failed`` gives the reason in words for each place that did not complete; nobody may be left out.
    """
    klass, places = await lock_list(act, class_id)
    policy = await policy_for(act, klass)
    open_cases = undecided(places, [*completed, *failed])
    event = accepted(act, decide_end(klass, policy, len(open_cases), act.context.now))
    if any(not reason.strip() for reason in failed.values()):
        raise Problem(422, "statement-missing")
    records = await store.put_statements(act.con, act.context, "closing_record", failed)
    listed = {p.place_id: p for p in places}
    decision = whole(act, decide_completion(listed, completed, records, act.context.now))
    context = act.context.with_policy(policy.version)
    await save_places(act.con, context, listed, decision.events)
    ended = await save_class(act.con, context, klass, event)
    return answer(ended) | {"completed": len(completed), "not_completed": len(failed)}


async def hold(act: Act, place_id: str) -> Place:
    """Lock the person, then the place. Problem 404 out-of-scope."""
    await lock_people(act.con, await persons_of_places(act.con, [place_id]))
    place = (await lock_places(act.con, [place_id])).get(place_id)
    if place is None:
        raise Problem(404, "out-of-scope")
    return place


async def class_of(act: Act, place: Place) -> Class:
    """The place's class, kept from changing. Problem no-class-yet."""
    klass = await share_class(act.con, place.class_id) if place.class_id else None
    if klass is None:
        raise problem(act.texts, [Refusal(place.place_id, "no-class-yet")])
    return klass


def _still_runs(klass: Class, place: Place) -> Refusal | None:
    over = klass.status == "cancelled" or (klass.status == "ended" and place.dropout_cause is None)
    return Refusal(klass.class_id, "class-is-closed", {"status": [klass.status]}) if over else None


def _really_moved(klass: Class, absence: Absence) -> Refusal | None:
    claimed = MOVED in absence.evidence and klass.date_version == 1
    return Refusal(klass.class_id, "class-not-moved", {"starts_on": klass.starts_on}) if claimed else None


def whole(act: Act, decision: Decision) -> Decision:
    """The decision if nothing of it was refused, else the problem that says what was."""
    if decision.refusals:
        raise problem(act.texts, decision.refusals)
    return decision


async def saved(act: Act, policy: Policy, place: Place, decision: Decision) -> dict[str, Any]:
    """Write what was decided on one place; gives the answer of its command."""
    context = act.context.with_policy(policy.version)
    saved = await save_places(act.con, context, {place.place_id: place}, decision.events)
    now = saved[place.place_id]
    return {"place_id": now.place_id, "class_id": now.class_id, "version": now.version, "status": now.status}
