"""Giving a project of a year to institutions, and taking it back."""

from collections.abc import Sequence
from itertools import count
from typing import Any, Final
from uuid import uuid4

import msgspec

from services.enrolment.classes.service import Act
from services.enrolment.commissions import store
from services.enrolment.commissions.domain import Institution, Year, decide_commissions, decide_release
from services.enrolment.programmes.service import Programme, policy_of, published
from shared.auth import Principal
from shared.db import Connection
from shared.policy.lookup import UnknownKeyError
from shared.policy.lookup import project as project_of
from shared.problems import Problem
from shared.units import units_by_code

WRITERS: Final = ("province", "project_office", "city")
READERS: Final = (*WRITERS, "inspector", "institution")


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Which project goes to which institutions, by their codes."""

    key: str
    project: str
    institutions: Sequence[str]


async def commission(act: Act, ask: Ask) -> dict[str, Any]:
    """Give a project to institutions; who carries it already is passed over.

    Problems: 404 programme-unknown, project-unknown, institution-unknown, out-of-scope; 409 programme-not-published.
    """
    programme = await published(act.con, ask.key)
    act.principal.require(programme.issuer_path, *WRITERS)
    require_project(programme, ask.project)
    found = await units_by_code(act.con, sorted(set(ask.institutions)))
    for code in ask.institutions:
        if code not in found or found[code].kind != "institution":
            raise Problem(404, "institution-unknown", institution=code)
    year = Year(programme_id=programme.programme_id, policy_key=programme.key, project=ask.project)
    ids = (str(uuid4()) for _ in count())
    carrying = await store.carrying(act.con, year)
    events = decide_commissions(
        year, [Institution(found[c].unit_id, found[c].path) for c in sorted(found)], carrying, ids, act.context.now
    )
    context = act.context.with_policy(programme.policy.version)
    return {"commissioned": await store.add(act.con, context, events), "asked": len(set(ask.institutions))}


async def release(act: Act, commission_id: str, reason: str) -> dict[str, Any]:
    """Take a project back, with a reason. Problems: 404 out-of-scope; 409 commission-ended; 422 reason-missing."""
    held = await store.lock(act.con, commission_id)
    if held is None:
        raise Problem(404, "out-of-scope")
    programme = await policy_of(act.con, held.programme_id)
    act.principal.require(programme.issuer_path, *WRITERS)
    if not reason.strip():
        raise Problem(422, "reason-missing")
    event = decide_release(held, reason.strip(), act.context.now)
    if event is None:
        raise Problem(409, "commission-ended")
    version = await store.release(act.con, act.context.with_policy(programme.policy.version), event)
    return {"commission_id": commission_id, "version": version}


async def of_year(con: Connection, principal: Principal, key: str) -> list[dict[str, Any]]:
    """The commissions of a year that the principal may see: those of its institutions, all for the issuer and above."""
    programme = await published(con, key)
    paths = [g.path for g in principal.grants if g.path and g.role in READERS]
    return await store.listed(con, paths, key, programme.issuer_path)


def require_project(programme: Programme, key: str) -> None:
    """Problem 404 project-unknown."""
    try:
        project_of(programme.policy, key)
    except UnknownKeyError as error:
        raise Problem(404, "project-unknown", project=key, key=programme.key) from error
