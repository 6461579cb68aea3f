"""Bulletins in PostgreSQL: they are added and read, never changed."""

from typing import Any

import msgspec

from services.reporting.bulletins.domain.freezing import Frozen, Known
from shared.db import Connection, load_queries

Q = load_queries(__file__)


class Sealed(msgspec.Struct, frozen=True):
    """A bulletin's text as it was sealed, and what is known of it since."""

    content: str
    sha256: str
    frozen_by: str
    issuer_path: str
    restated_by: str | None


async def lock_programme(con: Connection, policy_key: str) -> None:
    """Let nobody else freeze a bulletin of this year until the transaction ends."""
    await con.execute(Q.lock_programme, policy_key)


async def known(con: Connection, policy_key: str) -> list[Known]:
    """The bulletins of a year, in order of their numbers."""
    return [Known(*r) for r in await con.fetch(Q.known, policy_key)]


async def add(con: Connection, frozen: Frozen, sealed: Sealed, policy_key: str) -> None:
    """Keep a new bulletin."""
    await con.execute(
        Q.add, frozen.bulletin_id, policy_key, frozen.number, frozen.plan.key, frozen.year, sealed.issuer_path,
        frozen.as_of, frozen.frozen_at, sealed.frozen_by, frozen.restates, frozen.reason, sealed.content, sealed.sha256,
    )  # fmt: skip


async def listed(con: Connection) -> list[dict[str, Any]]:
    """Every bulletin without its content, the newest year first."""
    return [dict(r) for r in await con.fetch(Q.list)]


async def one(con: Connection, bulletin_id: str) -> Sealed | None:
    """One bulletin, or None."""
    row = await con.fetchrow(Q.one, bulletin_id)
    return Sealed(**dict(row)) if row else None
