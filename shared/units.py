"""The unit tree as every service knows it: who hangs under whom. Enrolment writes it, the others project it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.db import Connection, load_queries
from shared.envelope import Received
from shared.events.base import Names
from shared.events.enrolment import UnitRegistered

Q = load_queries(__file__, "units.sql")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; ``path`` is ``/root-id/…/unit-id/``, so a subtree is a prefix."""

    unit_id: str
    code: str
    kind: str
    level: str | None
    parent_id: str | None
    path: str
    names: Names
    school_kind: str | None
    rural: bool
    version: int


async def apply_units(con: Connection, received: Sequence[Received]) -> None:
    """Project ``training.unit.v1``; other events are passed over."""
    rows = [(r.event, r.version) for r in received if isinstance(r.event, UnitRegistered)]
    if rows:
        await upsert_units(con, [e for e, _ in rows], [v for _, v in rows])


async def upsert_units(con: Connection, events: Sequence[UnitRegistered], versions: Sequence[int]) -> None:
    """Write units; a lower version never overwrites a higher one. The last event of a unit wins."""
    last = {e.unit_id: (e, v) for e, v in zip(events, versions, strict=True)}
    columns = list(zip(*[_row(e, v) for e, v in last.values()], strict=True))
    await con.execute(Q.upsert, *[list(c) for c in columns])


def _row(e: UnitRegistered, version: int) -> tuple[object, ...]:
    return (e.unit_id, e.code, e.kind, e.level, e.parent_id, e.path, e.names.zh, e.names.en, e.school_kind, e.rural,
            e.valid_from, e.valid_until, version)  # fmt: skip


async def paths_of_codes(con: Connection, codes: Sequence[str]) -> dict[str, tuple[str, str, str | None]]:
    """``code -> (unit id, path, level)`` for the codes that exist."""
    return {r["code"]: (r["unit_id"], r["path"], r["level"]) for r in await con.fetch(Q.paths_of_codes, list(codes))}


async def units_by_code(con: Connection, codes: Sequence[str]) -> dict[str, Unit]:
    """The units of the codes that exist."""
    return {r["code"]: _unit(r) for r in await con.fetch(Q.units_by_code, list(codes))}


async def units_by_id(con: Connection, unit_ids: Sequence[str]) -> dict[str, Unit]:
    """The units of the ids that exist."""
    return {r["unit_id"]: _unit(r) for r in await con.fetch(Q.units_by_id, list(unit_ids))}


def _unit(row: Mapping[str, Any]) -> Unit:
    r = dict(row)
    names = Names(zh=r.pop("name_zh"), en=r.pop("name_en"))
    return Unit(names=names, **r)
