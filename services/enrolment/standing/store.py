"""The projection of confirmed bans: ranges to look up, nothing to judge."""

from collections.abc import Iterable, Sequence

import msgspec

from services.enrolment.places.domain import Bar, Period
from services.enrolment.standing.domain import Cell, Course
from shared.db import Connection, load_queries
from shared.events.blacklist import BanConfirmed, BanLifted, BanOverridden

Q = load_queries(__file__)


async def replace_ranges(con: Connection, confirmed: Sequence[BanConfirmed | BanLifted]) -> None:
    """Keep the ranges of entries, replacing what the same entries had before."""
    rows = [
        (e.entry_id, position, e.person_id, e.unit_path, ",".join(r.plan_levels), ",".join(r.forms), r.starts_on, r.ends_before,
         r.force)
        for e in confirmed
        for position, r in enumerate(e.ranges)
    ]  # fmt: skip
    await remove_ranges(con, [e.entry_id for e in confirmed])
    if rows:
        await con.execute(Q.add_ranges, *[list(column) for column in zip(*rows, strict=True)])


async def remove_ranges(con: Connection, entry_ids: Sequence[str]) -> None:
    """Forget the ranges of entries."""
    if entry_ids:
        await con.execute(Q.remove_ranges, list(entry_ids))


async def add_overrides(con: Connection, overridden: Sequence[BanOverridden]) -> None:
    """Remember for which years entries do not stand."""
    if overridden:
        await con.execute(Q.add_overrides, [e.entry_id for e in overridden], [e.policy_key for e in overridden])


async def remove_overrides(con: Connection, entry_ids: Sequence[str]) -> None:
    """Forget the exceptions of entries."""
    if entry_ids:
        await con.execute(Q.remove_overrides, list(entry_ids))


async def bars_of(con: Connection, person_ids: Iterable[str]) -> list[Bar]:
    """All ranges of the people."""
    return [msgspec.convert(dict(r), Bar) for r in await con.fetch(Q.bars_of, ",".join(person_ids))]


async def fallen_to(con: Connection, entry_ids: Sequence[str]) -> set[Cell]:
    """The cells of the places that fell to these entries, not locked: to know which cells to lock."""
    rows = await con.fetch(Q.fallen_to, list(entry_ids)) if entry_ids else []
    return {(r["programme_id"], r["cohort"], r["unit_id"]) for r in rows}


async def courses(con: Connection, class_ids: Iterable[str]) -> dict[str, Course]:
    """Days and state of the classes, kept from changing; a cancelled one is absent, its places wait for another."""
    rows = await con.fetch(Q.courses, list(class_ids))
    return {r["class_id"]: Course(Period(r["starts_on"], r["ends_on"]), r["joinable"]) for r in rows}
