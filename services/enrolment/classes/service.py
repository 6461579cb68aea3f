"""Commands on a class. Each runs in one transaction; the lock order is person, place, class, each sorted by id."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from services.enrolment.checkin.domain import give_codes
from services.enrolment.checkin.store import put_codes, taken_codes
from services.enrolment.classes import store
from services.enrolment.classes.domain import (
    Class,
    Dates,
    Move,
    Schedule,
    decide_cancel,
    decide_move,
    decide_open,
    decide_schedule,
    missing_staff,
    new_dates,
    resolve,
    staff_mistakes,
)
from services.enrolment.classes.store import Staff
from services.enrolment.people.store import lock_people
from services.enrolment.places.domain import Assign, Place, Refusal, decide_assign
from services.enrolment.places.service import check_for_class, require_cohort
from services.enrolment.places.store import lock_places, lock_places_of_class
from services.enrolment.places.store import save as save_places
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.wording import service as wording
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events import Names
from shared.policy import Policy
from shared.problems import Problem
from shared.texts import Texts
from shared.units import units_by_code

T = TypeVar("T")


@dataclass(frozen=True)
class Act:
    """Who acts, in which transaction, and the words for a refusal.

    ``codes_key`` seals check-in codes; ``seen`` is the version of the class that the actor looked at, if they said so.
    """

    con: Connection
    context: Context
    principal: Principal
    texts: Texts
    codes_key: bytes
    seen: int | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What an institution asks for when it schedules a class; units and keys as people write them."""

    programme: str
    cohort: str
    institution: str
    name: Names
    period: int
    themes: list[str]
    address: str
    starts_on: date
    ends_on: date
    checkin_opens_at: datetime | None = None
    checkin_closes_at: datetime | None = None
    extension: str | None = None


def accepted(act: Act, outcome: T | Refusal) -> T:
    """What was decided, or the problem that its refusal is."""
    if isinstance(outcome, Refusal):
        raise problem(act.texts, [outcome])
    return outcome


def problem(texts: Texts, refusals: Sequence[Refusal], status: int = 409) -> Problem:
    """The first refusal as the problem; where there are several, each is one of its ``errors``."""
    found = wording.problem(texts, status, refusals[0].code, refusals[0].vars)
    if len(refusals) > 1:
        found.errors = [{"key": r.key, **wording.said(texts, r.code, r.vars)} for r in refusals]
    return found


async def schedule(act: Act, ask: Ask) -> dict[str, Any]:
    """Schedule a class of a published programme year (D20: the institution fixes time and place)."""
    institution = (await units_by_code(act.con, [ask.institution])).get(ask.institution)
    if institution is None or institution.kind != "institution":
        raise Problem(404, "institution-unknown", institution=ask.institution)
    act.principal.require(institution.path, "institution")
    programme = await published(act.con, ask.programme)
    dates = resolve(programme.policy, ask.starts_on, ask.ends_on, ask.checkin_opens_at, ask.checkin_closes_at)
    command = Schedule(class_id=str(uuid4()), programme_id=programme.programme_id, cohort=ask.cohort, name=ask.name,
                       institution_id=institution.unit_id, institution_path=institution.path, period=ask.period,
                       themes=ask.themes, address=ask.address, dates=dates, extension=ask.extension)  # fmt: skip
    require_cohort(programme, ask.cohort)
    event = accepted(act, decide_schedule(command, programme.policy, act.context.now))
    context = act.context.with_policy(programme.policy.version)
    klass = await store.insert(act.con, context, event, ask.extension)
    if klass is None:
        raise Problem(409, "period-taken", period=ask.period)
    return answer(klass)


async def name_staff(act: Act, class_id: str, staff: Sequence[Staff]) -> dict[str, Any]:
    """Name everyone who runs the class; an open class keeps the roles that it needs (A08, A09)."""
    klass = await own(act, class_id, store.lock_class)
    policy = await policy_for(act, klass)
    if refusals := staff_mistakes(klass, policy, [s.role for s in staff]):
        raise problem(act.texts, refusals, 422)
    await store.replace_staff(act.con, klass, staff)
    if klass.status != "scheduled" and (missing := missing_staff(policy, await named(act.con, klass, policy))):
        raise problem(act.texts, [Refusal(class_id, "staff-missing", {"roles": [r.role for r in missing]})])
    return answer(klass)


async def assign(act: Act, class_id: str, place_ids: Sequence[str]) -> dict[str, Any]:
    """Put places on the list of a class, all or none: bans and overlaps are checked against its dates."""
    await own(act, class_id, store.find_class)
    await lock_people(act.con, await store.persons_of_places(act.con, place_ids))
    places = await lock_places(act.con, place_ids)
    klass = await own(act, class_id, store.share_class)
    gone = await store.cancelled_among(act.con, [p.class_id for p in places.values() if p.class_id])
    refusals = [*_unfit(klass, places, place_ids), *await barred(act.con, klass, list(places.values()), klass)]
    decision = decide_assign([_assignment(klass, places[i], gone) for i in place_ids if i in places], places)
    if refused := [*refusals, *decision.refusals]:
        raise problem(act.texts, refused)
    await save_places(act.con, act.context.with_policy((await policy_for(act, klass)).version), places, decision.events)
    codes = give_codes(act.codes_key, class_id, klass.period, sorted(places), await taken_codes(act.con, class_id))
    await put_codes(act.con, klass.class_id, klass.institution_path, list(places.values()), codes)
    return answer(klass) | {"assigned": len(decision.events)}


async def assign_waiting(act: Act, class_id: str, unit_ids: Sequence[str]) -> dict[str, Any]:
    """Put everyone of these units who waits for a class of the cohort on the list."""
    klass = await own(act, class_id, store.find_class)
    chosen = [w.place_id for w in await store.waiting(act.con, klass) if w.unit_id in unit_ids]
    if not chosen:
        raise Problem(409, "nobody-waiting")
    return await assign(act, class_id, chosen)


async def open_class(act: Act, class_id: str) -> dict[str, Any]:
    """Open a class: from now on its trainees are told (D17)."""
    klass = await own(act, class_id, store.lock_class)
    policy = await policy_for(act, klass)
    event = accepted(act, decide_open(klass, policy, await named(act.con, klass, policy), act.context.now))
    return answer(await store.save(act.con, act.context.with_policy(policy.version), klass, event))


async def move(act: Act, class_id: str, asked: Move) -> dict[str, Any]:
    """Move a class to other dates or another place; bans and overlaps are checked again (D16, D20, C09)."""
    klass, places = await lock_list(act, class_id)
    policy = await policy_for(act, klass)
    arrived = sum(p.checked_in_at is not None for p in places)
    event = accepted(act, decide_move(klass, asked, policy, arrived, act.context.now))
    if refusals := await barred(act.con, klass, places, new_dates(klass, asked)):
        raise problem(act.texts, refusals)
    return answer(await store.save(act.con, act.context.with_policy(policy.version), klass, event, asked.extension))


async def cancel(act: Act, class_id: str, cause: str) -> dict[str, Any]:
    """Call a class off; its places wait for another class (L13)."""
    klass, places = await lock_list(act, class_id)
    policy = await policy_for(act, klass)
    arrived = sum(p.checked_in_at is not None for p in places)
    event = accepted(act, decide_cancel(klass, cause, policy, arrived, act.context.now))
    return answer(await store.save(act.con, act.context.with_policy(policy.version), klass, event))


async def own(act: Act, class_id: str, find: Callable[[Connection, str], Awaitable[Class | None]]) -> Class:
    """A class of the actor's institution; 404 for any other, 412 when it is not the version that they looked at."""
    klass = await find(act.con, class_id)
    if klass is None:
        raise Problem(404, "out-of-scope")
    act.principal.require(klass.institution_path, "institution")
    if act.seen not in {None, klass.version}:
        raise Problem(412, "version-changed", seen=act.seen, version=klass.version)
    return klass


async def visible(con: Connection, principal: Principal, class_id: str) -> Class:
    """A class for reading, on the reader role's connection; 404 unless it or somebody on its list is in scope."""
    klass = await store.find_class(con, class_id)
    if klass is None:
        raise Problem(404, "out-of-scope")
    if not await store.has_place(con, class_id):
        principal.require(klass.institution_path)
    return klass


async def lock_list(act: Act, class_id: str) -> tuple[Class, list[Place]]:
    """Lock a class with everyone on its list; places that fell to a ban are left out."""
    await own(act, class_id, store.find_class)
    await lock_people(act.con, await store.persons_of_class(act.con, class_id))
    places = await lock_places_of_class(act.con, class_id)
    klass = await own(act, class_id, store.lock_class)
    if await store.place_ids_of_class(act.con, class_id) != set(places):
        raise Problem(409, "class-list-changed")
    return klass, [p for p in places.values() if p.revoked_at is None]


async def policy_for(act: Act, klass: Class) -> Policy:
    """The policy of the class's programme year."""
    return (await policy_of(act.con, klass.programme_id)).policy


def answer(klass: Class) -> dict[str, Any]:
    """What a command answers: which class, where it stands; ``version`` is its ETag."""
    return {"class_id": klass.class_id, "version": klass.version, "status": klass.status,
            "starts_on": klass.starts_on, "ends_on": klass.ends_on, "date_version": klass.date_version}  # fmt: skip


async def named(con: Connection, klass: Class, policy: Policy) -> Mapping[str, int]:
    """How many are named for each role of a class; a role per project may be filled in another of its classes."""
    shared = [role.role for role in policy.classes.staff if role.per == "project"]
    return await store.count_staff(con, klass.class_id, shared)


async def barred(con: Connection, klass: Class, places: Sequence[Place], dates: Class | Dates) -> list[Refusal]:
    """Bans and overlaps of the persons on a list, should the class have these dates."""
    days = (dates.starts_on, dates.ends_on)
    found = await check_for_class(con, places, klass.class_id, *days, klass.plan_level, klass.forms)
    return list(found.values())


def _unfit(klass: Class, places: Mapping[str, Place], asked: Sequence[str]) -> list[Refusal]:
    found = [Refusal(i, "place-unknown") for i in asked if i not in places]
    if not klass.announced:
        found.append(Refusal(klass.class_id, "class-is-closed", {"status": [klass.status]}))
    strangers = [p for p in places.values() if (p.programme_id, p.cohort) != (klass.programme_id, klass.cohort)]
    return found + [Refusal(p.place_id, "place-of-another-cohort", {"cohort": p.cohort}) for p in strangers]


def _assignment(klass: Class, place: Place, gone: set[str]) -> Assign:
    return Assign(place_id=place.place_id, class_id=klass.class_id, institution_id=klass.institution_id,
                  institution_path=klass.institution_path,
                  replaces=place.class_id if place.class_id in gone else None)  # fmt: skip
