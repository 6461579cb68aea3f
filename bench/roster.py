"""Selecting a roster of 10,000 rows, from judged rows to commit, against inserts of the very same rows."""

import base64
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import asyncpg

from bench.bare.inserts import Table, take, write
from bench.enrolment import COHORT, COUNTY, NOW, ROWS, TEXTS, context, lay, workbook
from bench.measure import Aside, Comparison, Findings, require, rounds
from bench.world import World, connected
from services.enrolment.imports import store
from services.enrolment.imports.service import import_rows, words
from services.enrolment.imports.store import Claimed, NewJob
from services.enrolment.people.store import Seal
from services.enrolment.programmes.store import Programme
from services.enrolment.rosters import service as rosters
from services.enrolment.rosters.domain import Sheet
from shared.db import Database
from shared.policy.moments import local_day
from shared.units import units_by_code

WRITTEN = ("person", "place", "outbox", "import_row")
COUNTS = """
select (select count(*) from person), (select count(*) from place), (select count(*) from outbox),
       (select count(*) from import_row where outcome = 'selected')
"""


@dataclass
class Rig:
    """A published year, a roster as read, and the rows that it comes to."""

    db: Database
    con: asyncpg.Connection
    owner: asyncpg.Connection
    programme: Programme
    content: bytes
    sheet: Sheet
    seal: Seal
    tables: list[Table] = field(default_factory=list)

    async def parse(self) -> float:
        """Seconds from the file's bytes to judged rows, in its bounded process."""
        started = time.perf_counter()
        self.sheet = await rosters.read(self.content, words(TEXTS), local_day(NOW, self.programme.policy.calendar))
        require(len([r for r in self.sheet.rows if not r.findings]), ROWS, "rows of the roster without a finding")
        return time.perf_counter() - started

    async def select(self) -> float:
        """Rows per second of the import's own transaction."""
        job = await self._job()
        started = time.perf_counter()
        async with self.db.write() as con:
            await store.hold(con, job)
            results = await import_rows(con, context(), job, self.sheet, self.seal)
            await store.add_rows(con, job, results)
            await store.finish(con, job, NOW, 0.0, self.sheet)
        seconds = time.perf_counter() - started
        await self._count()
        return ROWS / seconds

    async def insert(self) -> float:
        """Rows per second of the bare inserts; their columns are ready beforehand."""
        if not self.tables:
            await self.select()
            left_to_defaults = {"outbox": ["seq", "created_at"]}
            self.tables = [await take(self.con, name, left_to_defaults.get(name, [])) for name in WRITTEN]
        await self._empty()
        started = time.perf_counter()
        await write(self.con, self.tables)
        seconds = time.perf_counter() - started
        await self._count()
        return ROWS / seconds

    async def _job(self) -> Claimed:
        await self._empty()
        async with self.db.write() as con:
            county = (await units_by_code(con, [COUNTY]))[COUNTY]
            await store.add(con, NewJob(
                job_id=str(uuid4()), programme_id=self.programme.programme_id, project="rural", cohort=COHORT,
                unit_id=county.unit_id, unit_path=county.path, file_name="b.xlsx", content=self.content, uploaded_by="b",
                uploaded_by_name="b", correlation_id=context().correlation_id, traceparent=context().traceparent,
                uploaded_at=NOW))  # fmt: skip
            job = await store.claim(con, str(uuid4()), timedelta(minutes=5))
        if job is None:
            raise RuntimeError("the import can't be claimed")
        return job

    async def _empty(self) -> None:
        await self.owner.execute(f"truncate {', '.join(WRITTEN)}, import_job cascade")

    async def _count(self) -> None:
        """Either way there are as many people, places, events and results."""
        require(tuple(await self.con.fetchrow(COUNTS)), (ROWS,) * len(WRITTEN), "rows written")


@asynccontextmanager
async def make_rig(world: World) -> AsyncIterator[Rig]:
    dsns = await world.database("enrolment")
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database(dsns.writer, dsns.reader))
        con, owner = [await stack.enter_async_context(connected(d)) for d in (dsns.writer, dsns.owner)]
        seal = Seal(base64.urlsafe_b64encode(bytes(32)).decode())
        yield Rig(db, con, owner, await lay(db), workbook(), Sheet(), seal)


async def run(world: World) -> Findings:
    """The suite."""
    async with make_rig(world) as rig:
        figures = await rounds({"parse": rig.parse, "select": rig.select, "insert": rig.insert})
    whole = [ROWS / (p + ROWS / s) for p, s in zip(figures["parse"], figures["select"], strict=True)]
    return Findings(
        [
            Comparison("roster", "rows/s", figures["select"], figures["insert"], 0.3),
            Comparison("roster-whole", "rows/s", whole, figures["insert"], None),
        ],
        [
            Aside("roster-parse", "s", figures["parse"]),
            Aside("roster-select", "s", [ROWS / f for f in figures["select"]]),
        ],
    )
