"""The unit tree and its contacts in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.enrolment.units.domain import KnownUnit
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import UnitRegistered
from shared.outbox import Entry, append
from shared.units import upsert_units

Q = load_queries(__file__)


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who is responsible in a unit (A10)."""

    unit_id: str
    unit_path: str
    name: str
    email: str | None
    phone: str | None


async def hold_tree(con: Connection) -> None:
    """One import of units at a time: the tree has no single row to lock."""
    await con.execute(Q.hold_tree)


async def known_units(con: Connection, codes: Sequence[str]) -> dict[str, KnownUnit]:
    """The units on record among the codes."""
    return {r["code"]: _known(r) for r in await con.fetch(Q.known, list(codes))}


async def save(
    con: Connection, context: Context, known: Mapping[str, KnownUnit], events: Sequence[UnitRegistered]
) -> None:
    """Write units and their events."""
    if events:
        versions = [known[e.code].version + 1 if e.code in known else 1 for e in events]
        await upsert_units(con, events, versions)
        await append(con, context, [Entry(v, e) for v, e in zip(versions, events, strict=True)])


async def set_contacts(con: Connection, contacts: Sequence[Contact], now: datetime) -> None:
    """Write who is responsible in each unit."""
    columns = [list(c) for c in zip(*[msgspec.structs.astuple(c) for c in contacts], strict=True)]
    await con.execute(Q.set_contacts, *columns, now)


async def under(con: Connection, path: str, page: int, size: int) -> list[dict[str, Any]]:
    """One page of a subtree, and whether each unit has a contact that the connection may see."""
    rows = [dict(r) for r in await con.fetch(Q.under, path, size, (page - 1) * size)]
    return [{**r, "names": {"zh": r.pop("name_zh"), "en": r.pop("name_en")}} for r in rows]


def _known(row: Any) -> KnownUnit:
    values = dict(row)
    version = values.pop("version")
    names = Names(zh=values.pop("name_zh"), en=values.pop("name_en"))
    return KnownUnit(event=UnitRegistered(names=names, **values), version=version)
