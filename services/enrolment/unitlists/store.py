"""Uploaded lists, and the tree as they are compared with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.enrolment.unitlists.domain import Change, Held, Line, Meant, Preview
from services.enrolment.units.domain import KnownUnit
from services.enrolment.units.store import known_unit
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import UnitRegistered

Q = load_queries(__file__)


class UnitList(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded list with its preview; ``confirmed_at`` is None as long as it changed nothing."""

    list_id: str
    unit_path: str
    unit_code: str
    unit: Names
    file_name: str
    whole: bool
    lines: list[Line]
    preview: Preview
    uploaded_by_name: str
    uploaded_at: datetime
    confirmed_by_name: str | None
    confirmed_at: datetime | None


async def tree(con: Connection, codes: Sequence[str], path: str, *, whole: bool) -> dict[str, KnownUnit]:
    """The units of the codes and their superiors; with ``whole`` also everything under the path."""
    return {r["code"]: known_unit(r) for r in await con.fetch(Q.tree, list(codes), path, whole)}


async def kinds(con: Connection) -> list[Meant]:
    """The kinds that units files have stated, top first."""
    return [
        Meant(kind=r["kind"], level=r["level"], depth=r["depth"], names=Names(r["name_zh"], r["name_en"]))
        for r in await con.fetch(Q.kinds)
    ]


async def held(con: Connection, codes: Sequence[str]) -> dict[str, Held]:
    """``code -> what hangs on the unit itself``."""
    rows = [dict(r) for r in await con.fetch(Q.held, list(codes))] if codes else []
    return {r.pop("code"): Held(**{k: int(v) for k, v in r.items()}) for r in rows}


async def add(con: Connection, new: UnitList, unit_id: str, subject: str) -> None:
    """Keep an uploaded list."""
    await con.execute(Q.add, new.list_id, unit_id, new.unit_path, new.file_name, new.whole, new.lines, new.preview, subject,
                      new.uploaded_by_name, new.uploaded_at)  # fmt: skip


async def find(con: Connection, list_id: str) -> UnitList | None:
    """The list, if the connection may see it."""
    row = await con.fetchrow(Q.find, list_id)
    if row is None:
        return None
    values = dict(row)
    names = Names(values.pop("name_zh"), values.pop("name_en"))
    return msgspec.convert({**values, "unit": names}, UnitList)


async def hold(con: Connection, list_id: str) -> None:
    """Lock the list until the transaction ends."""
    await con.execute(Q.hold, list_id)


async def confirm(con: Connection, list_id: str, name: str, now: datetime) -> None:
    """Mark as confirmed."""
    await con.execute(Q.confirm, list_id, name, now)


async def move_contacts(con: Connection, changes: Sequence[Change], events: Mapping[str, UnitRegistered]) -> None:
    """Contacts go where their units went."""
    moved = [events[c.code] for c in changes if c.what == "moved"]
    if moved:
        await con.execute(Q.move_contacts, [e.unit_id for e in moved], [e.path for e in moved])


async def listed(con: Connection, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
    """One page of the lists that the connection may see, latest first, and how many there are."""
    rows = [dict(r) for r in await con.fetch(Q.listed, size, (page - 1) * size)]
    return (rows[0]["total"] if rows else 0), rows
