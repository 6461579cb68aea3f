"""Reads what is owed in somebody's scope; the connection is the reader role's."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from services.notify.overdue.domain import Debt, Gap, Reminded
from services.notify.subjects.store import Subject
from shared.db import Connection, load_queries
from shared.events import Names

Q = load_queries(__file__)


class Year(NamedTuple):
    """A known programme year."""

    programme_id: str
    key: str
    names: Names


async def years(con: Connection) -> list[Year]:
    """Every known year, the newest first."""
    return [Year(r["programme_id"], r["key"], r["names"]) for r in await con.fetch(Q.years)]


async def gaps(con: Connection, programme_id: str) -> list[Gap]:
    """Places that units in scope have not filled themselves."""
    return [Gap(**dict(r)) for r in await con.fetch(Q.gaps, programme_id)]


async def subjects(con: Connection, programme_id: str) -> list[Subject]:
    """Classes and duties in scope."""
    return [(r["kind"], r["id"]) for r in await con.fetch(Q.subjects, programme_id)]


async def reminded(con: Connection, debts: Sequence[Debt]) -> Mapping[tuple[str, str, str], Mapping[str, Reminded]]:
    """By subject and owner, then by kind of reminder: how often, and when last."""
    asked = [[getattr(d, name) for d in debts] for name in ("subject_kind", "subject_id", "owner_id")]
    found: dict[tuple[str, str, str], dict[str, Reminded]] = {}
    for r in await con.fetch(Q.reminded, *asked) if debts else ():
        key = (r["subject_kind"], r["subject_id"], r["recipient_id"])
        found.setdefault(key, {})[r["kind"]] = Reminded(r["times"], r["last"])
    return found


async def unit_names(con: Connection, ids: Collection[str]) -> dict[str, Names]:
    """``unit id -> name``."""
    return {r["unit_id"]: Names(r["name_zh"], r["name_en"]) for r in await con.fetch(Q.names, list(ids))}


async def class_names(con: Connection, ids: Collection[str]) -> dict[str, Names]:
    """``class id -> name``."""
    return {r["class_id"]: Names(r["name_zh"], r["name_en"]) for r in await con.fetch(Q.classes, list(ids))}
