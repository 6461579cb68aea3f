"""The unit tree and its contacts in the database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from services.enrolment.units.domain import KnownUnit
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import UnitRegistered
from shared.outbox import Entry, append
from shared.policy import UnitsFile
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
    return {r["code"]: known_unit(r) for r in await con.fetch(Q.known, list(codes))}


async def set_kinds(con: Connection, file: UnitsFile) -> None:
    """Keep the kinds that a units file states, so that lists of units can use their names."""
    levels = list(dict.fromkeys(k.level for k in file.kinds if k.level is not None))
    rows = [
        (k.key, k.level, levels.index(k.level) if k.level is not None else None, k.names.zh, k.names.en)
        for k in file.kinds
    ]
    if rows:
        await con.execute(Q.set_kinds, *[list(c) for c in zip(*rows, strict=True)])


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


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What of a subtree is looked at: children alone, or everything that is found; ``missing``: without a contact."""

    path: str
    parent_id: str | None
    find: str | None
    missing: bool


async def browse(con: Connection, look: Look, today: date, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
    """One page of units and how many there are; contacts are those that the connection may see."""
    wishes = msgspec.structs.astuple(look)
    rows = [dict(r) for r in await con.fetch(Q.browse, *wishes, today, size, (page - 1) * size)]
    return (rows[0]["total"] if rows else 0), rows


async def missing_contacts(con: Connection, path: str, today: date) -> int:
    """How many units of a subtree name nobody responsible (A10)."""
    number: int = await con.fetchval(Q.missing, path, today)
    return number


async def card(con: Connection, code: str) -> dict[str, Any] | None:
    """A unit with its contact, if the connection may see that."""
    row = await con.fetchrow(Q.card, code)
    return dict(row) if row else None


async def line(con: Connection, path: str) -> list[dict[str, Any]]:
    """The unit of a path and its superiors, top first."""
    return [dict(r) for r in await con.fetch(Q.line, path)]


def known_unit(row: Any) -> KnownUnit:
    """A unit out of a row of the table."""
    values = dict(row)
    version = values.pop("version")
    names = Names(zh=values.pop("name_zh"), en=values.pop("name_en"))
    return KnownUnit(event=UnitRegistered(names=names, **values), version=version)


async def institutions(con: Connection, paths: Sequence[str], today: date) -> list[tuple[str, Names]]:
    """Codes and names of the institutions under the paths."""
    rows = await con.fetch(Q.institutions, list(paths), today)
    return [(r["code"], Names(r["name_zh"], r["name_en"])) for r in rows]
