"""The nightly sweep: every open subject is planned again. What it changes is drift, and drift must be 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import structlog

from services.notify.facts.store import Policies
from services.notify.planning.service import CHUNK, chunks, replan
from services.notify.subjects.store import Subject, open_subjects
from shared.db import Database, load_queries
from shared.runtime import Runtime
from shared.telemetry.metrics import Measure, columns
from shared.texts import CIVIL

Q = load_queries(__file__)
NIGHT: Final = time(3)
FIRST: Final[Subject] = ("", "")
log = structlog.get_logger()


@dataclass(frozen=True)
class Sweeper:
    """Runs once a civil day, at the first tick after three in the morning."""

    db: Database
    policies: Policies

    async def run(self, now: datetime) -> int:
        """Sweep if this day's sweep is due; gives the drift found."""
        local = now.astimezone(CIVIL)
        async with self.db.system() as con:
            last: date | None = await con.fetchval(Q.last_day)
        if local.time() < NIGHT or (last is not None and last >= local.date()):
            return 0
        return await self.sweep(now, local.date())

    async def sweep(self, now: datetime, day: date) -> int:
        """Plan every open subject again, each portion in its own transaction; gives the number of changes, noted by day."""
        seen, drift, after = 0, 0, FIRST
        while subjects := await self._next(after):
            drift += sum([await self._again(portion, now, day) for portion in chunks(subjects)])
            seen, after = seen + len(subjects), subjects[-1]
        async with self.db.background() as con:
            await con.execute(Q.finish, day, seen)
        return drift

    async def _next(self, after: Subject) -> list[Subject]:
        async with self.db.system() as con:
            return await open_subjects(con, after, CHUNK)

    async def _again(self, subjects: Sequence[Subject], now: datetime, day: date) -> int:
        async with self.db.background() as con:
            drift = await replan(con, subjects, now, self.policies)
            if drift:
                await con.execute(Q.note, day, drift)
        if drift:
            log.error("drift found: the ledger was not what the facts want", drift=drift, subjects=len(subjects))
        return drift


def measures(runtime: Runtime) -> Measure:
    """Gauges: due, late and planned reminders, doubts, unreachable ones, drift (``drift_last``: of the newest sweep)."""

    async def ask() -> Mapping[str, float]:
        return await columns(runtime.db, Q.measures, await runtime.now())

    return ask
