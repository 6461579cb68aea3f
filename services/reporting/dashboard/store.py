"""Reads what lies in the reader's scope; the connection is the reader role's."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from services.reporting.dashboard.domain import Held
from services.reporting.league.domain.choosing import Begun, Programme
from services.reporting.league.domain.counting import Tally
from services.reporting.league.domain.punctuality import Handed
from shared.db import Connection, load_queries
from shared.policy import from_dict
from shared.runtime import Runtime
from shared.telemetry.metrics import Measure, columns

Q = load_queries(__file__)


async def years(con: Connection) -> list[Programme]:
    """Every published year, the newest first."""
    return [
        Programme(key, revision, path, from_dict(policy)) for key, revision, path, policy in await con.fetch(Q.years)
    ]


async def begun(con: Connection) -> list[Begun]:
    """How far each of them has come in scope, in the same order."""
    return [Begun(*r) for r in await con.fetch(Q.begun)]


async def as_of(con: Connection) -> datetime | None:
    """The business time of the newest event."""
    moment: datetime | None = await con.fetchval(Q.as_of)
    return moment


async def tallies(con: Connection, key: str) -> list[Tally]:
    """Places in scope, by cohort."""
    return [Tally(*r) for r in await con.fetch(Q.tallies, key)]


async def quota(con: Connection, key: str) -> Mapping[str, int] | None:
    """Places allotted to the reader's units, by cohort; None where nobody in scope has a quota (institutions)."""
    rows = await con.fetch(Q.quota, key)
    return {r["cohort"]: r["places"] for r in rows} if rows else None


async def classes(con: Connection, key: str) -> list[Held]:
    """Classes in scope, by their start."""
    return [Held(*r) for r in await con.fetch(Q.classes, key)]


async def handed(con: Connection, key: str, institutions: Sequence[str]) -> Mapping[str, Sequence[Handed]]:
    """Documents handed in, by institution id."""
    found: dict[str, list[Handed]] = defaultdict(list)
    for institution_id, *values in await con.fetch(Q.handed, key, institutions):
        found[institution_id].append(Handed(*values))
    return found


async def names(con: Connection, unit_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Names of units, by id."""
    rows: list[Any] = await con.fetch(Q.names, unit_ids)
    return {r["unit_id"]: {"zh": r["name_zh"], "en": r["name_en"]} for r in rows}


def measures(runtime: Runtime) -> Measure:
    """Gauges: places on their way, opened classes and late documents, over all years."""
    return partial(columns, runtime.db, Q.figures)
