"""Nominations in the database."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.enrolment.nominations.domain import Nomination
from services.enrolment.pools.domain import Pool
from services.enrolment.pools.store import tell
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import TraineeNominated

Q = load_queries(__file__)


async def named(con: Connection, pool_id: str, person_ids: Sequence[str]) -> dict[str, str]:
    """``person id -> nomination id`` of those who are nominated for the pot."""
    return {r["person_id"]: r["nomination_id"] for r in await con.fetch(Q.named, pool_id, list(person_ids))}


async def save(
    con: Connection, context: Context, pool: Pool, events: Sequence[TraineeNominated], reasons: Mapping[str, str]
) -> None:
    """Write new nominations; ``reasons`` tells by person id why a condition "in principle" was passed."""
    if events:
        rows = [
            {**msgspec.to_builtins(e), "institution_path": pool.institution_path,
             "override_reason": reasons.get(e.person_id) if e.overridden else None}
            for e in events
        ]  # fmt: skip
        await con.execute(Q.insert, rows)
        await tell(con, context, pool, events)


async def listed(con: Connection, pool_id: str, path: str | None, page: int, size: int) -> tuple[int, list[Nomination]]:
    """One page of the nominations that the connection may see, and how many there are."""
    rows = await con.fetch(Q.listed, pool_id, path, size, (page - 1) * size)
    return (rows[0]["total"] if rows else 0), [_nomination(r) for r in rows]


def _nomination(row: Any) -> Nomination:
    values = dict(row)
    values.pop("total")
    unit, by = ((values.pop(f"{w}_zh"), values.pop(f"{w}_en")) for w in ("unit", "by"))
    return Nomination(unit=Names(*unit), nominated_by=Names(*by), **values)


async def own_pools(con: Connection, path: str) -> list[dict[str, Any]]:
    """The pots of all published years, with what the unit at ``path`` has to do with each."""
    return [dict(r) for r in await con.fetch(Q.own_pools, path)]


async def own_shares(con: Connection, unit_id: str) -> list[tuple[str, str]]:
    """``(programme id, cohort)`` of the pots for which a unit may nominate."""
    return [(r["programme_id"], r["cohort"]) for r in await con.fetch(Q.own_shares, unit_id)]
