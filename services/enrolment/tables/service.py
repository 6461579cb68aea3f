"""Handing out a quota table: the issuer's command, with the policy's numbers or with its own."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.enrolment.conditions.domain import owners
from services.enrolment.conditions.store import members
from services.enrolment.places.service import require_cohort, require_open
from services.enrolment.programmes.service import ISSUERS, published
from services.enrolment.programmes.store import Programme
from services.enrolment.programmes.store import lock as lock_programme
from services.enrolment.quota import store as quota
from services.enrolment.quota.domain import Grant, Mistake
from services.enrolment.quota.service import children, refuse
from services.enrolment.tables.domain import Issuer, Table, decide_table, proposal, table_of
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.policy.lookup import cohort as cohort_of
from shared.policy.lookup import project_of
from shared.problems import Problem
from shared.texts import Texts
from shared.units import Unit, units_by_code, units_by_id


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """New totals by unit code, none for the policy's own; ``official``: they come from the real table, not from its stand-in."""

    places: Mapping[str, int] = {}
    official: bool = False


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort's table, its issuer, and the codes of the units on its list (empty where it has none)."""

    programme: Programme
    cohort: str
    table: Table
    issuer: Unit
    members: list[str]


async def view(con: Connection, principal: Principal, key: str, cohort: str) -> View:
    """What the issuer may hand out. Problems: 404 out-of-scope, cohort-unknown; 409 pool-cohort, table-list-missing."""
    programme = await published(con, key)
    require_cohort(programme, cohort)
    principal.require(programme.issuer_path, *ISSUERS)
    table = table_of(programme.policy, cohort)
    if table is None:
        raise Problem(409, "table-of-pool", cohort=cohort_of(programme.policy, cohort).names)
    issuer = (await units_by_id(con, [programme.issuer_unit_id]))[programme.issuer_unit_id]
    listed = await _members(con, programme, table)
    return View(programme=programme, cohort=cohort, table=table, issuer=issuer, members=listed)


async def _members(con: Connection, programme: Programme, table: Table) -> list[str]:
    if table.list is None:
        return []
    found = await members(con, owners(programme.policy, programme.programme_id), table.list)
    if found is None:
        raise Problem(409, "table-list-missing", list=table.list)
    return found


async def hand_out(
    con: Connection,
    context: Context,
    principal: Principal,
    where: tuple[str, str],
    ask: Ask,
    texts: Texts,
) -> dict[str, Any]:
    """Give the first units their places; without numbers, those that the policy states or proposes.

    Problems: 404 out-of-scope; 409 selection-closed, table-of-pool, table-list-missing; 422 table-empty, not-a-child,
    not-on-list, quota-not-passed (one error per unit with the numbers).
    """
    await lock_programme(con, where[0])
    seen = await view(con, principal, *where)
    require_open(seen.programme.policy, where[1], seen.issuer.level, context.now)
    places = dict(ask.places) or proposal(seen.table, seen.members)
    if not places:
        raise Problem(422, "table-empty")
    units = await _receivers(con, seen, places)
    cells = await quota.lock_first_level(con, seen.programme.programme_id, where[1])
    grants = [Grant(child, places[u.code]) for u, child in zip(units, await children(con, units, cells), strict=True)]
    invented = seen.table.synthetic and not ask.official
    decision = decide_table(_issuer(seen), seen.table, cells, grants, synthetic=invented)
    if mistakes := [d for d in decision if isinstance(d, Mistake)]:
        refuse(mistakes, texts)
    events = [d for d in decision if not isinstance(d, Mistake)]
    await quota.save(con, context.with_policy(seen.programme.policy.version), {c.cell_id: c for c in cells}, events)
    return {"units": len(events), "places": sum(places.values()), "synthetic": invented}


def _issuer(seen: View) -> Issuer:
    return Issuer(
        programme_id=seen.programme.programme_id,
        policy_key=seen.programme.key,
        project=project_of(seen.programme.policy, seen.cohort).key,
        cohort=seen.cohort,
        unit_id=seen.issuer.unit_id,
        unit_path=seen.issuer.path,
        unit=seen.issuer.names,
    )


async def _receivers(con: Connection, seen: View, places: Mapping[str, int]) -> list[Unit]:
    """The units, by code: right below the issuer, or those of the table's list wherever they stand below it."""
    units = await units_by_code(con, sorted(places))
    if seen.table.list is not None:
        if strangers := sorted(set(places) - set(seen.members)):
            raise Problem(422, "not-on-list", units=", ".join(strangers), list=seen.table.list)
    elif strangers := sorted(c for c in places if c not in units or units[c].parent_id != seen.issuer.unit_id):
        raise Problem(422, "not-a-child", children=", ".join(strangers), unit=seen.issuer.names)
    return [units[code] for code in sorted(units)]
