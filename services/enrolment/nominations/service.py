"""Nominating people for a pot. Locks the pot, then people: a nomination and the ban on it see each other's work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.enrolment.conditions.service import attest
from services.enrolment.nominations import store
from services.enrolment.nominations.domain import Nominated, as_nominations, cells, share_of, strays
from services.enrolment.people.store import lock_people, units_of
from services.enrolment.places.domain import Refusal, decide_selection, rules_of
from services.enrolment.places.service import candidates_of, require_open, require_override
from services.enrolment.pools.domain import Pool, Share
from services.enrolment.pools.service import Where, locked
from services.enrolment.pools.store import shares_of
from services.enrolment.programmes.store import Programme
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.problems import Problem
from shared.units import Unit, units_by_id


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One command: nominate these people, in this order, for a locked pot."""

    programme: Programme
    pool: Pool
    person_ids: list[str]
    overrides: dict[str, str] = {}


class Whom(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be nominated, in this order; why conditions are passed for some; what is attested of all."""

    person_ids: list[str]
    overrides: dict[str, str] = {}
    attested: list[str] = []


async def nominate(con: Connection, context: Context, principal: Principal, where: Where, whom: Whom) -> Nominated:
    """Nominate, as an officer of the units whose shares are taken.

    Problems: 404 programme-unknown, cohort-unknown, no-pool, out-of-scope; 409 selection-closed, selection-not-open.
    """
    programme, pool = await locked(con, where)
    shares = await shares_of(con, pool.pool_id)
    for unit in (await units_by_id(con, list((await units_of(con, whom.person_ids)).values()))).values():
        require_nominating(principal, programme, unit, shares, context.now, pool.cohort)
        if whom.overrides:
            require_override(programme.policy, principal, unit)
    await attest(con, context, principal.name, programme, where[1], whom.person_ids, whom.attested)
    ask = Ask(programme=programme, pool=pool, person_ids=whom.person_ids, overrides=whom.overrides)
    return await nominate_in(con, context, ask)


def require_nominating(
    principal: Principal, programme: Programme, unit: Unit, shares: Sequence[Share], now: datetime, cohort: str
) -> None:
    """Only the unit that has the share nominates out of it, in time. Problems 404 out-of-scope, 409 selection-closed, 403 nominations-not-yours."""
    principal.require_level(unit.path, *programme.policy.selection.path)
    require_open(programme.policy, cohort, unit.level, now, act="nominate")
    share = share_of(unit.path, shares)
    if share and not principal.reaches(share.unit_path):
        raise Problem(403, "nominations-not-yours", unit=share.unit)


async def nominate_in(con: Connection, context: Context, ask: Ask) -> Nominated:
    """Decide for all people at once and write what follows; the pot is locked."""
    policy = ask.programme.policy
    rules = rules_of(policy, ask.programme.programme_id, ask.pool.cohort)
    locked_people = await lock_people(con, ask.person_ids)
    people = [locked_people[i] for i in dict.fromkeys(ask.person_ids) if i in locked_people]
    named = await store.named(con, ask.pool.pool_id, ask.person_ids)
    candidates = [
        msgspec.structs.replace(c, held=c.held or named.get(c.person_id))
        for c in await candidates_of(con, rules, people)
    ]
    shares = await _shares(con, ask.pool, {p.unit_id: p.unit_path for p in people})
    decision = decide_selection(candidates, cells(shares), rules, ask.overrides, context.now)
    found = as_nominations(ask.pool, decision, shares)
    await store.save(con, context.with_policy(policy.version), ask.pool, found.events, ask.overrides)
    missing: list[Refusal] = strays(ask.person_ids, locked_people)
    return Nominated(found.events, [*missing, *found.refusals])


async def _shares(con: Connection, pool: Pool, units: Mapping[str, str]) -> dict[str, Share]:
    shares = await shares_of(con, pool.pool_id)
    found = {unit_id: share_of(path, shares) for unit_id, path in units.items()}
    return {unit_id: share for unit_id, share in found.items() if share}


def answer(nominated: Nominated) -> list[dict[str, Any]]:
    """Who was nominated, by id."""
    return [{"person_id": e.person_id, "nomination_id": e.nomination_id} for e in nominated.events]
