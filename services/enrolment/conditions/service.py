"""Commands about what conditions ask for: lists, credentials, attestations."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.enrolment.conditions import store
from services.enrolment.conditions.domain import attestable
from services.enrolment.conditions.store import Credentials
from services.enrolment.people.domain import Finding, read_id
from services.enrolment.people.store import Seal, lock_people
from services.enrolment.programmes.service import ISSUERS, published
from services.enrolment.programmes.store import Programme
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.policy import Policy
from shared.policy.moments import local_day
from shared.problems import Problem
from shared.units import units_by_code

OFFICERS: Final = ("city", "county", "school")


async def set_list(
    con: Connection, context: Context, principal: Principal, where: tuple[str, str], members: Sequence[str], seal: Seal
) -> dict[str, Any]:
    """Replace the members of a list that the year leaves to import: unit codes, or ID numbers, which are kept as a keyed hash.

    Problems: 404 programme-unknown, out-of-scope, list-unknown; 422 unit-unknown, list-number-invalid.
    """
    programme = await published(con, where[0])
    principal.require(programme.issuer_path, *ISSUERS)
    kind = next((x.of for x in programme.policy.lists if x.key == where[1] and x.members == "imported"), None)
    if kind is None:
        raise Problem(404, "list-unknown", list=where[1], key=where[0])
    today = local_day(context.now, programme.policy.calendar)
    found = [_hashed(m, n, today, seal) for n, m in enumerate(members, 1)] if kind == "persons" else list(members)
    if kind != "persons":
        known = await units_by_code(con, found)
        if missing := [code for code in found if code not in known]:
            raise Problem(422, "unit-unknown", unit=", ".join(missing[:5]))
    await store.set_lists(con, context, programme.programme_id, {where[1]: found})
    return {"list": where[1], "members": len(set(found))}


def _hashed(number: str, position: int, today: Any, seal: Seal) -> str:
    read = read_id(number, today)
    if isinstance(read, Finding):
        raise Problem(422, "list-number-invalid", position=position)
    return seal.hash(read.number)


async def set_credentials(
    con: Connection, context: Context, principal: Principal, key: str, people: Sequence[Credentials]
) -> dict[str, Any]:
    """Say in which roles and stages people work. Problems: 404 out-of-scope, person-unknown; 422 policy-role-unknown, since-in-future."""
    policy = (await published(con, key)).policy
    roles, today = {r.key for r in policy.roles}, local_day(context.now, policy.calendar)
    if wrong := sorted({role for p in people for role in p.roles} - roles):
        raise Problem(422, "policy-role-unknown", role=", ".join(wrong), key=key)
    if any(p.trainer_since and p.trainer_since > today for p in people):
        raise Problem(422, "since-in-future", today=today)
    locked = await lock_people(con, [p.person_id for p in people])
    for p in people:
        if p.person_id not in locked:
            raise Problem(404, "person-unknown")
        principal.require(locked[p.person_id].unit_path, *OFFICERS)
    await store.set_credentials(con, context, people)
    return {"people": len(people)}


async def attest(
    con: Connection,
    context: Context,
    name: str,
    programme: Programme,
    cohort: str,
    people: Iterable[str],
    statements: Sequence[str],
) -> None:
    """Keep what the acting officer attests of these people. Problem 422 statement-unknown."""
    require_statements(programme.policy, cohort, statements)
    await store.attest(con, context, name, (programme.programme_id, cohort), sorted(set(people)), statements)


def require_statements(policy: Policy, cohort: str, statements: Sequence[str]) -> None:
    """Only what the cohort's conditions ask for is attested. Problem 422 statement-unknown."""
    if unknown := [s for s in statements if s not in attestable(policy, cohort)]:
        raise Problem(422, "statement-unknown", statement=", ".join(unknown), cohort=cohort)
