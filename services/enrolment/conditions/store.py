"""Lists, attestations and credentials in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import msgspec

from services.enrolment.conditions.domain import Standing
from shared.context import Context
from shared.db import Connection, load_queries

Q = load_queries(__file__)


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a bureau says of somebody on record: roles of the policy, stages, and since when they train teachers."""

    person_id: str
    roles: list[str] = []
    stages: list[str] = []
    trainer_since: date | None = None


async def standing_of(
    con: Connection, where: tuple[str, str, Sequence[str]], lists: Sequence[str], person_ids: Sequence[str]
) -> dict[str, Standing]:
    """``person id -> what is on record``; ``where`` is the year, its cohort and the owners of its lists."""
    programme_id, cohort, owners = where
    joined = ",".join(person_ids)
    attested: dict[str, list[str]] = {}
    for r in await con.fetch(Q.attested, programme_id, cohort, joined):
        attested.setdefault(r["person_id"], []).append(r["statement"])
    known: list[str] = []
    held: set[tuple[str, str]] = set()
    if lists:
        known = [r["list"] for r in await con.fetch(Q.known_lists, list(owners), list(lists))]
        held = {(r["person_id"], r["list"]) for r in await con.fetch(Q.memberships, list(owners), known, joined)}
    return {
        i: Standing(attested=attested.get(i, []), lists={name: (i, name) in held for name in known}) for i in person_ids
    }


async def members(con: Connection, owners: Sequence[str], name: str) -> list[str] | None:
    """The codes of the units on a list, or None where the list is not on record."""
    if not await con.fetch(Q.known_lists, list(owners), [name]):
        return None
    return [r["code"] for r in await con.fetch(Q.members, list(owners), name)]


async def attest(
    con: Connection,
    context: Context,
    name: str,
    where: tuple[str, str],
    person_ids: Collection[str],
    statements: Sequence[str],
) -> None:
    """Keep that the statements were given about these people; the first one who gave a statement stays on record."""
    if statements and person_ids:
        await con.execute(Q.attest, *where, ",".join(person_ids), list(statements), context.actor, name, context.now)


async def set_lists(con: Connection, context: Context, owner: str, lists: Mapping[str, Collection[str]]) -> None:
    """Replace the members of lists."""
    if lists:
        await con.execute(Q.set_lists, owner, list(lists), context.now, context.actor)
        await con.execute(Q.clear_members, owner, list(lists))
        pairs = [(name, member) for name, found in lists.items() for member in sorted(set(found))]
        await con.execute(Q.add_members, owner, [p[0] for p in pairs], [p[1] for p in pairs])


async def set_credentials(con: Connection, context: Context, people: Sequence[Credentials]) -> None:
    """Write credentials; the people must be locked."""
    await con.execute(Q.set_credentials, people, context.now)


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A list on record: how many members, and since when."""

    list: str
    set_at: datetime
    members: int


async def counted(con: Connection, owner: str) -> dict[str, Counted]:
    """The lists that are on record, by key; an empty one is there."""
    return {r["list"]: Counted(**dict(r)) for r in await con.fetch(Q.counted, owner)}
