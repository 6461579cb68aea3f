"""What the pages of years show and no other feature reads."""

from datetime import datetime

import msgspec

from shared.db import Connection, load_queries

Q = load_queries(__file__)


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: a year, who issued it, its state, and whether something in it is assumed or made up."""

    key: str
    revision: int
    year: int
    issuer: str
    issuer_path: str
    issuer_zh: str
    issuer_en: str
    zh: str
    en: str
    drafted_at: datetime
    published_at: datetime | None
    assumed: bool
    synthetic: bool


async def years(con: Connection) -> list[Year]:
    """All years, drafts too, latest first."""
    return [msgspec.convert(dict(r), Year) for r in await con.fetch(Q.years)]


async def units(con: Connection) -> int:
    """How many units are on record."""
    number: int = await con.fetchval(Q.units)
    return number
