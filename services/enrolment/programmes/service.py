"""Programme years: read, draft, publish."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final
from uuid import uuid4

from services.enrolment.pools.domain import decide_open
from services.enrolment.pools.store import insert_pools
from services.enrolment.programmes import store
from services.enrolment.programmes.domain import (
    Draft,
    Receiver,
    decide_allocation,
    decide_publish,
    receiving_codes,
    without_contact,
)
from services.enrolment.programmes.store import Head, Programme
from services.enrolment.quota.store import insert_cells
from services.enrolment.wording.service import said
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.outbox import Entry, append
from shared.policy import KnownUnits, Policy, PolicyError, review
from shared.problems import Problem
from shared.texts import Texts
from shared.units import units_by_code

ISSUERS: Final = ("province", "city")
__all__ = [
    "Programme",
    "blockers",
    "draft",
    "known",
    "policy_of",
    "publish",
    "published",
    "refused",
    "seen",
    "shown",
    "told",
    "validated",
]


async def known(con: Connection, key: str) -> Programme:
    """The year, published or a draft. Problem 404 programme-unknown."""
    programme = await store.by_key(con, key)
    if programme is None:
        raise Problem(404, "programme-unknown", key=key)
    return programme


async def seen(con: Connection, principal: Principal, key: str) -> Programme:
    """A year that the principal may look at: a published one, or its own draft. Problems 404."""
    year = await known(con, key)
    if year.published_at is None:
        principal.require(year.issuer_path, *ISSUERS)
    return year


async def shown(con: Connection, principal: Principal) -> list[Head]:
    """The years that the principal may look at, latest first."""
    return await store.heads(con, _issues_for(principal))


async def published(con: Connection, key: str) -> Programme:
    """The year, which must be published. Problems 404 programme-unknown, 409 programme-not-published."""
    programme = await known(con, key)
    if programme.published_at is None:
        raise Problem(409, "programme-not-published", key=key)
    return programme


async def policy_of(con: Connection, programme_id: str) -> Programme:
    """The year of an aggregate that belongs to it. LookupError: the caller's data is wrong."""
    programme = await store.by_id(con, programme_id)
    if programme is None:
        raise LookupError(f"no programme {programme_id}")
    return programme


def told(found: Sequence[PolicyError]) -> list[dict[str, Any]]:
    """The validator's findings as an answer has them: each with its line and its sentence and remedy in both languages."""
    return [{"code": f.code, "line": f.line, "path": f.path, "zh": f.zh, "en": f.en} for f in found]


def refused(errors: Sequence[PolicyError], problem: str = "policy-invalid") -> Problem:
    """Problem 422 with every mistake; warnings are none."""
    entries = told([error for error in errors if not error.warning])
    return Problem(422, problem, errors=entries, count=len(entries))


async def validated(
    source: str, units: KnownUnits, problem: str = "policy-invalid"
) -> tuple[Policy, list[PolicyError]]:
    """The policy of a text, with its warnings. Problem 422 ``problem`` lists every mistake."""
    policy, found = await asyncio.to_thread(review, source, units)
    if policy is None or any(not f.warning for f in found):
        raise refused(found, problem)
    return policy, list(found)


async def draft(con: Connection, context: Context, principal: Principal, policy: Policy, source: str) -> dict[str, Any]:
    """Keep a validated policy as the draft of its year. Problems 404 out-of-scope, 409 programme-published.

    A key is its first issuer's: another unit, though it may issue years, can't put its own in the place of that draft.
    """
    issuer = (await units_by_code(con, [policy.issuer])).get(policy.issuer)
    if issuer is None:
        raise Problem(422, "unit-unknown", unit=policy.issuer)
    principal.require(issuer.path, *ISSUERS)
    head = (str(uuid4()), issuer.unit_id, issuer.path)
    programme_id = await store.save_draft(con, head, _issues_for(principal), source, policy, context.now)
    if programme_id is None:
        principal.require((await known(con, policy.key)).issuer_path, *ISSUERS)
        raise Problem(409, "programme-published", key=policy.key)
    return {"programme_id": programme_id, "key": policy.key, "revision": policy.revision, "sha256": policy.sha256}


def _issues_for(principal: Principal) -> list[str]:
    return [g.path for g in principal.grants if g.path and g.role in ISSUERS]


async def publish(con: Connection, context: Context, principal: Principal, key: str, texts: Texts) -> dict[str, Any]:
    """Publish the year and hand the first level its places.

    Problems: 422 draft-invalid lists the mistakes, 409 publish-blocked what is missing. A draft may be older than
    today's checks and than today's units, so both are asked again.
    """
    await store.lock(con, key)
    programme = await known(con, key)
    principal.require(programme.issuer_path, *ISSUERS)
    if programme.published_at is not None:
        raise Problem(409, "programme-published", key=key)
    await validated(await store.source(con, key), await store.known_units(con), "draft-invalid")
    receivers = await _receivers(con, programme.policy)
    _require_contacts(programme.policy, receivers, texts)
    plan = Draft(
        programme_id=programme.programme_id,
        issuer_unit_id=programme.issuer_unit_id,
        issuer_path=programme.issuer_path,
        policy=programme.policy,
    )
    context = context.with_policy(programme.policy.version)
    version = await store.publish(con, programme.programme_id, context.now)
    await append(con, context, [Entry(version, decide_publish(plan, context.now))])
    ids = (str(uuid4()) for _ in count())
    cells = decide_allocation(plan, receivers, ids)
    await insert_cells(con, context, cells)
    await insert_pools(con, context, decide_open(plan.policy, plan.programme_id, ids, context.now))
    return {"programme_id": plan.programme_id, "key": key, "cells": len(cells), "version": version}


async def _receivers(con: Connection, policy: Policy) -> Mapping[str, Receiver]:
    units = await units_by_code(con, receiving_codes(policy))
    missing = [code for code in receiving_codes(policy) if code not in units]
    if missing:
        raise Problem(422, "unit-unknown", unit=", ".join(missing))
    told = await store.units_with_contact(con, [u.unit_id for u in units.values()])
    return {
        code: Receiver(unit_id=u.unit_id, code=code, path=u.path, names=u.names, contacts=int(u.unit_id in told))
        for code, u in units.items()
    }


def _require_contacts(policy: Policy, receivers: Mapping[str, Receiver], texts: Texts) -> None:
    mute = without_contact(policy, [receivers[code] for code in sorted(receivers)])
    if mute:
        errors = [{"unit": r.code, **said(texts, "unit-without-contact", {"unit": r.names})} for r in mute]
        raise Problem(409, "publish-blocked", errors=errors, count=len(errors))


async def blockers(con: Connection, policy: Policy) -> list[Receiver]:
    """The units that still keep a year from being published, by code (A10)."""
    receivers = await _receivers(con, policy)
    return without_contact(policy, [receivers[code] for code in sorted(receivers)])
