"""Programme years in the database. A policy is immutable per text, so decoded ones are kept by their hash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from shared.db import Connection, load_queries
from shared.policy import KnownUnit, KnownUnits, Policy, from_dict

Q = load_queries(__file__)
KEPT: Final = 16
_decoded: dict[str, Policy] = {}


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """A programme year with its policy. ``published_at`` is None for a draft."""

    programme_id: str
    key: str
    revision: int
    year: int
    issuer_unit_id: str
    issuer_path: str
    sha256: str
    drafted_at: datetime
    published_at: datetime | None
    version: int
    policy: Policy


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of years shows."""

    programme_id: str
    key: str
    revision: int
    year: int
    published_at: datetime | None
    version: int


async def by_key(con: Connection, key: str) -> Programme | None:
    """The year of that key, published or not."""
    return await _programme(con, await con.fetchrow(Q.head_by_key, key))


async def by_id(con: Connection, programme_id: str) -> Programme | None:
    """The year of that id."""
    return await _programme(con, await con.fetchrow(Q.head_by_id, programme_id))


async def heads(con: Connection, own: Sequence[str] = ()) -> list[Head]:
    """Published years, and the drafts of issuers under the paths of ``own``; latest first."""
    return [msgspec.convert(dict(r), Head) for r in await con.fetch(Q.heads, list(own))]


async def _programme(con: Connection, row: Any) -> Programme | None:
    if row is None:
        return None
    policy = _decoded.get(row["sha256"])
    if policy is None:
        policy = from_dict(await con.fetchval(Q.policy, row["programme_id"]))
        if len(_decoded) >= KEPT:
            _decoded.clear()
        _decoded[row["sha256"]] = policy
    return Programme(**dict(row), policy=policy)


async def known_units(con: Connection) -> KnownUnits:
    """The unit tree as the policy's validator takes it."""
    return KnownUnits.of(KnownUnit(**dict(r)) for r in await con.fetch(Q.known_units))


async def save_draft(
    con: Connection, head: tuple[Any, ...], own: Sequence[str], source: str, policy: Policy, now: datetime
) -> str | None:
    """Keep a draft, replacing an earlier one of the same key; None when that one is published or no business of the caller's.

    ``head`` is (programme id, issuer's unit id, issuer's path); ``own`` are the paths for which the caller may issue.
    """
    programme_id, unit_id, path = head
    saved: str | None = await con.fetchval(
        Q.save_draft,
        programme_id,
        policy.key,
        policy.revision,
        policy.year,
        unit_id,
        path,
        policy.sha256,
        source,
        policy.to_dict(),
        now,
        list(own),
    )
    return saved


async def source(con: Connection, key: str) -> str:
    """The text of a year as it was brought in."""
    text: str = await con.fetchval(Q.source, key)
    return text


async def lock(con: Connection, key: str) -> None:
    """Hold the year until the transaction ends."""
    await con.fetchval(Q.lock, key)


async def publish(con: Connection, programme_id: str, now: datetime) -> int:
    """Mark as published; gives the stream version of the event."""
    version: int = await con.fetchval(Q.publish, programme_id, now)
    return version


async def units_with_contact(con: Connection, unit_ids: list[str]) -> set[str]:
    """Those of the units that name somebody responsible."""
    return {r["unit_id"] for r in await con.fetch(Q.contacts_of_units, unit_ids)}
