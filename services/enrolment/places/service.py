"""Selecting people for a cohort, registering them, and checking places against the dates of a class."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import uuid4

import msgspec

from services.enrolment.people.store import LockedPerson, lock_people, units_of
from services.enrolment.places import store
from services.enrolment.places.domain import (
    Bar,
    Candidate,
    Cell,
    Decision,
    Facts,
    Period,
    Place,
    Refusal,
    Register,
    Rules,
    blocking,
    decide_register,
    decide_selection,
    rules_of,
    window,
)
from services.enrolment.places.domain.bans import barred
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.programmes.store import Programme
from services.enrolment.quota.domain import Cell as QuotaCell
from services.enrolment.quota.store import lock_cells
from services.enrolment.standing.store import bars_of
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events.enrolment import TraineeSelected
from shared.policy import Policy
from shared.policy.lookup import UnknownKeyError, project_of
from shared.policy.moments import due_at
from shared.problems import Problem
from shared.units import Unit, units_by_id


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """One command: select these people, in this order, into the cohort of a published year."""

    programme: Programme
    cohort: str
    person_ids: list[str]
    overrides: dict[str, str] = {}


def require_open(policy: Policy, cohort: str, level: str | None, now: datetime) -> None:
    """Problem 409 selection-closed, before the window opens and after it ends (D07: the due day itself counts)."""
    span = window(policy, cohort, level, now)
    if span.open:
        return
    if span.opens and now < span.opens:
        raise Problem(409, "selection-not-open", opens=span.opens)
    raise Problem(409, "selection-closed", due=span.due or now)


async def asked(
    con: Connection,
    context: Context,
    principal: Principal,
    where: tuple[str, str],
    whom: tuple[list[str], dict[str, str]],
) -> Selection:
    """The command of an officer, checked for scope and time; ``where`` is year and cohort, ``whom`` ids and overrides.

    Problems: 404 programme-unknown, cohort-unknown, out-of-scope; 409 selection-closed.
    """
    programme = await published(con, where[0])
    require_cohort(programme, where[1])
    people, overrides = whom
    for unit in (await units_by_id(con, list((await units_of(con, people)).values()))).values():
        principal.require(unit.path, *programme.policy.selection.path)
        require_open(programme.policy, where[1], unit.level, context.now)
        if overrides:
            _require_override(programme.policy, principal, unit)
    return Selection(programme=programme, cohort=where[1], person_ids=people, overrides=overrides)


def _require_override(policy: Policy, principal: Principal, unit: Unit) -> None:
    """Who may pass a condition "in principle" is the policy's to say (Q11). Problems 403 override-not-yours, 422 override-impossible."""
    rule = policy.selection.override
    if rule is None:
        raise Problem(422, "override-impossible")
    if not principal.reaches(unit.path, rule.by_level):
        raise Problem(403, "override-not-yours", level=rule.by_level)


def require_cohort(programme: Programme, cohort: str) -> None:
    """Problem 404 cohort-unknown."""
    try:
        project_of(programme.policy, cohort)
    except UnknownKeyError as error:
        raise Problem(404, "cohort-unknown", cohort=cohort, key=programme.key) from error


async def select(con: Connection, context: Context, ask: Selection) -> Decision:
    """Decide for all people in one transaction and write what follows: a fixed number of statements for any number.

    Locks quota cells, then people.
    """
    units = await units_of(con, ask.person_ids)
    cells = await lock_cells(con, ask.programme.programme_id, ask.cohort, units.values())
    return await select_in(con, context, ask, cells, units)


async def select_in(
    con: Connection, context: Context, ask: Selection, cells: Mapping[str, QuotaCell], units: Mapping[str, str]
) -> Decision:
    """As ``select``, with the cells locked by unit id; ``units`` tells for whose unit each person's cell was locked.

    People who are unknown, or who moved to another unit meanwhile, are refused.
    """
    policy = ask.programme.policy
    rules = rules_of(policy, ask.programme.programme_id, ask.cohort)
    people = await lock_people(con, units)
    moved = {i for i, p in people.items() if p.unit_id != units[i]}
    gone = [i for i in dict.fromkeys(ask.person_ids) if i not in people]
    candidates = await candidates_of(con, rules, [people[i] for i in ask.person_ids if i in people and i not in moved])
    decision = decide_selection(candidates, fillable(cells), rules, ask.overrides, context.now)
    selected = [e for e in decision.events if isinstance(e, TraineeSelected)]
    context = context.with_policy(policy.version)
    await store.save(con, context, {}, selected)
    await store.add_overrides(con, context, selected, ask.overrides)
    strays = [Refusal(i, "person-unknown") for i in gone] + [Refusal(i, "person-moved") for i in sorted(moved)]
    return Decision(decision.events, [*strays, *decision.refusals])


def fillable(cells: Mapping[str, QuotaCell]) -> dict[str, Cell]:
    """What each unit may still fill itself: its places without those it passed on."""
    return {
        c.unit_id: Cell(
            cell_id=c.cell_id, unit_id=c.unit_id, unit=c.unit, places=c.places - c.passed, selected=c.selected
        )
        for c in cells.values()
    }


async def candidates_of(con: Connection, rules: Rules, people: Sequence[LockedPerson]) -> list[Candidate]:
    """Everything that is asked of people who are locked already; later changes wait for this transaction."""
    ids = [p.person_id for p in people]
    held = await store.held_in_cohort(con, rules.programme_id, rules.cohort, ids)
    bars = _group(await bars_of(con, ids))
    away: dict[str, list[Period]] = {}
    for entry in await store.away_of_persons(con, ids):
        away.setdefault(entry.person_id, []).append(entry.period)
    return [
        Candidate(
            place_id=str(uuid4()),
            person_id=p.person_id,
            unit_id=p.unit_id,
            unit_path=p.unit_path,
            facts=_facts(p),
            held=held.get(p.person_id),
            bars=bars.get(p.person_id, []),
            away=away.get(p.person_id, []),
        )
        for p in people
    ]


def _facts(p: LockedPerson) -> Facts:
    return Facts(
        born_on=p.born_on,
        teaching_since=p.teaching_since,
        marks=p.marks,
        roles=p.roles,
        school_kind=p.school_kind,
        rural=p.rural,
    )


def _group(bars: Iterable[Bar]) -> dict[str, list[Bar]]:
    ordered = sorted(bars, key=lambda b: b.person_id)
    return {person_id: list(group) for person_id, group in groupby(ordered, key=lambda b: b.person_id)}


async def register(
    con: Connection, context: Context, principal: Principal, place_ids: Sequence[str]
) -> tuple[Mapping[str, Place], Decision]:
    """Register places: the teacher its own, a school those of its teachers. Problem 404 out-of-scope."""
    for peeked in (await store.peek(con, place_ids)).values():
        if not principal.is_person(peeked.person_id):
            principal.require(peeked.unit_path, "school")
    places = await store.lock_places(con, place_ids)
    if not places:
        raise Problem(404, "out-of-scope")
    closing = await _registration_ends(con, places.values())
    commands = [Register(place_id=i, closes_at=closing.get(i)) for i in place_ids]
    decision = decide_register(commands, places, context.now)
    return await store.save(con, context, places, decision.events), decision


async def _registration_ends(con: Connection, places: Iterable[Place]) -> dict[str, datetime]:
    """When registration closes for each place whose class has dates."""
    starts = await store.class_starts(con, {p.class_id for p in places if p.class_id})
    found: dict[str, datetime] = {}
    for place in places:
        if place.class_id in starts:
            policy = (await policy_of(con, place.programme_id)).policy
            ends = due_at(
                policy.participation.registration.closes, {"class_start": starts[place.class_id]}, policy.calendar
            )
            found |= {place.place_id: ends} if ends else {}
    return found


async def bans_for_class(
    con: Connection, places: Sequence[Place], starts_on: date, plan_level: str, forms: Sequence[str]
) -> dict[str, Refusal]:
    """``place id -> refusal`` of the places whose holders are barred from a class that starts on this day.

    The people must be locked.
    """
    bars = _group(await bars_of(con, sorted({p.person_id for p in places})))
    found = {
        p.place_id: blocking(bars.get(p.person_id, ()), plan_level, forms, starts_on, p.policy_key) for p in places
    }
    return {place_id: barred(place_id, bar, starts_on) for place_id, bar in found.items() if bar}


async def check_for_class(
    con: Connection,
    places: Sequence[Place],
    class_id: str,
    starts_on: date,
    ends_on: date,
    plan_level: str,
    forms: Sequence[str],
) -> dict[str, Refusal]:
    """Why places may not be in a class with these dates: a ban that covers its start, or another class on its days.

    The people must be locked. Gives ``place id -> refusal``; a class does not overlap with itself.
    """
    days = Period(starts_on, ends_on)
    away = await store.away_of_persons(con, sorted({p.person_id for p in places}))
    busy = {a.person_id: a.period for a in away if a.class_id != class_id and a.period.meets(days)}
    overlaps = {
        p.place_id: Refusal(p.place_id, "dates-overlap", msgspec.structs.asdict(busy[p.person_id]))
        for p in places
        if p.person_id in busy
    }
    return overlaps | await bans_for_class(con, places, starts_on, plan_level, forms)
