"""What the issuer decides about a pool: who may nominate how many, and who chooses."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.enrolment.places.service import require_cohort
from services.enrolment.pools import store
from services.enrolment.pools.domain import Asked, Mistake, Pool, decide_assign, decide_shares, terms
from services.enrolment.programmes.service import ISSUERS, published
from services.enrolment.programmes.store import Programme, units_with_contact
from services.enrolment.wording.service import problem, said
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.policy.lookup import cohort as cohort_of
from shared.problems import Problem
from shared.texts import Texts
from shared.units import units_by_code

Where = tuple[str, str]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """New shares by unit code, none for the policy's own; ``official``: they come from the real table, not from its stand-in."""

    shares: Mapping[str, int] = {}
    official: bool = False


def proposed(programme: Programme, cohort: str) -> dict[str, int]:
    """The shares that the policy spreads, by unit code. Problem 404 no-pool."""
    found = terms(cohort_of(programme.policy, cohort))
    if found is None:
        raise Problem(404, "no-pool", cohort=cohort, key=programme.key)
    return dict(found[1].allocation)


async def locked(con: Connection, where: Where) -> tuple[Programme, Pool]:
    """A published year and the pot of one of its cohorts, locked. Problems 404 programme-unknown, cohort-unknown, no-pool."""
    programme = await published(con, where[0])
    require_cohort(programme, where[1])
    pool = await store.lock_pool(con, programme.programme_id, where[1])
    if pool is None:
        raise Problem(404, "no-pool", cohort=where[1], key=where[0])
    return programme, pool


async def share_out(
    con: Connection,
    context: Context,
    principal: Principal,
    where: Where,
    ask: Ask,
    texts: Texts,
) -> dict[str, Any]:
    """Say how many each unit may nominate; without numbers, as the policy spreads them.

    Problems: 404 out-of-scope, no-pool; 422 not-a-child, nominations-not-shared (one error per mistake, with the numbers).
    """
    programme, pool = await locked(con, where)
    principal.require(programme.issuer_path, *ISSUERS)
    wishes = dict(ask.shares) or proposed(programme, where[1])
    spread = terms(cohort_of(programme.policy, where[1]))
    invented = spread is not None and not ask.official and (spread[1].synthetic or spread[1].allocation_synthetic)
    shares = await store.shares_of(con, pool.pool_id)
    asked = await _asked(con, programme, wishes, {s.unit_id: s.named for s in shares})
    decision = decide_shares(pool, shares, asked, synthetic=invented)
    if mistakes := [d for d in decision if isinstance(d, Mistake)]:
        errors = [{**said(texts, m.code, {"unit": m.unit, **m.numbers}), "numbers": m.numbers} for m in mistakes]
        raise Problem(422, "nominations-not-shared", errors=errors, count=len(errors))
    events = [d for d in decision if not isinstance(d, Mistake)]
    await store.save_shares(con, context.with_policy(programme.policy.version), pool, events)
    return {
        "pool_id": pool.pool_id,
        "shared_to": len(events),
        "nominations": sum(wishes.values()),
        "synthetic": invented,
    }


async def _asked(
    con: Connection, programme: Programme, wishes: Mapping[str, int], named: Mapping[str, int]
) -> list[Asked]:
    units = await units_by_code(con, [*wishes])
    strangers = [c for c in wishes if c not in units or units[c].parent_id != programme.issuer_unit_id]
    if strangers:
        (issuer,) = (await units_by_code(con, [programme.policy.issuer])).values()
        raise Problem(422, "not-a-child", children=", ".join(strangers), unit=issuer.names)
    told = await units_with_contact(con, [u.unit_id for u in units.values()])
    return [
        Asked(
            unit_id=u.unit_id,
            unit_path=u.path,
            unit=u.names,
            nominations=wishes[code],
            named=named.get(u.unit_id, 0),
            contacts=int(u.unit_id in told),
        )
        for code, u in sorted(units.items())
    ]


async def assign(
    con: Connection, context: Context, principal: Principal, where: Where, institution: str, texts: Texts
) -> dict[str, Any]:
    """Name the institution that chooses. Problems: 404 out-of-scope, no-pool, institution-unknown; 409 pool-chosen-from."""
    programme, pool = await locked(con, where)
    principal.require(programme.issuer_path, *ISSUERS)
    unit = (await units_by_code(con, [institution])).get(institution)
    if unit is None or unit.kind != "institution":
        raise Problem(404, "institution-unknown", institution=institution)
    event = decide_assign(pool, unit.unit_id, unit.path, context.now)
    if isinstance(event, Mistake):
        raise problem(texts, 409, event.code, event.numbers)
    if event:
        await store.save_assigned(con, context.with_policy(programme.policy.version), pool, event)
    return {"pool_id": pool.pool_id, "institution": institution, "version": pool.version + bool(event)}
