"""Imports: accept a roster, work it off, tell what became of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec
import structlog

from services.enrolment.conditions.domain import attestable
from services.enrolment.conditions.service import attest
from services.enrolment.grids.domain import refusal
from services.enrolment.imports import store
from services.enrolment.imports.domain import (
    Judged,
    Result,
    School,
    elsewhere,
    judge,
    of_decision,
    of_nominations,
    results,
)
from services.enrolment.imports.store import Claimed, NewJob
from services.enrolment.nominations.service import Ask, nominate_in, require_nominating
from services.enrolment.people.store import KnownPerson, Seal, lock_known, write
from services.enrolment.places.service import Selection, require_cohort, require_open, select_in
from services.enrolment.pools.store import find_pool, lock_pool, shares_of
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.quota.store import lock_cells
from services.enrolment.rosters import service as rosters
from services.enrolment.rosters.domain import Sheet, Words, normalise
from services.enrolment.workbooks import service as workbooks
from shared.auth import BUREAUS, Principal
from shared.context import Context
from shared.crashpoint import reach
from shared.db import Connection
from shared.policy import Policy
from shared.policy.eligibility import StageIn
from shared.policy.lookup import project_of
from shared.policy.moments import local_day
from shared.problems import Problem
from shared.runtime import Runtime
from shared.texts import LANGUAGES, Texts
from shared.units import Unit, units_by_code

log = structlog.get_logger()
LEASE: Final = timedelta(seconds=8)
RENEW_SECONDS: Final = 2
PAUSE: Final = timedelta(seconds=2)
COLUMNS: Final = ("name", "id_number", "phone", "email", "school", "school_name", "teaching_since", "teaching_years", "backbone",
                  "role", "stage", "trainer_since")  # fmt: skip


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One uploaded roster; without ``unit`` it is the uploader's own.

    ``attested``: the uploader gives the statements that the cohort's conditions ask for about everybody in it.
    """

    key: str
    cohort: str
    unit: str | None
    file_name: str
    content: bytes
    attested: bool = False


async def accept(con: Connection, context: Context, principal: Principal, upload: Upload) -> dict[str, Any]:
    """Queue a roster. Problems: 404 out-of-scope, unit-unknown, programme-unknown; 409 selection-closed; 422 roster-*."""
    programme = await published(con, upload.key)
    require_cohort(programme, upload.cohort)
    unit = await _unit(con, principal, upload.unit)
    principal.require_level(unit.path, *programme.policy.selection.path)
    pool = await find_pool(con, programme.programme_id, upload.cohort)
    if pool:
        shares = await shares_of(con, pool.pool_id)
        require_nominating(principal, programme, unit, shares, context.now, upload.cohort)
    else:
        require_open(programme.policy, upload.cohort, unit.level, context.now)
    _require_roster(upload)
    job = NewJob(
        job_id=str(uuid4()),
        programme_id=programme.programme_id,
        project=project_of(programme.policy, upload.cohort).key,
        cohort=upload.cohort,
        unit_id=unit.unit_id,
        unit_path=unit.path,
        file_name=upload.file_name[-200:],
        content=upload.content,
        uploaded_by=context.actor,
        uploaded_by_name=principal.name,
        correlation_id=context.correlation_id,
        traceparent=context.traceparent,
        uploaded_at=context.now,
        attested=attestable(programme.policy, upload.cohort) if upload.attested else [],
    )
    await store.add(con, job)
    return {"job_id": job.job_id, "status": "queued", "href": f"/enrolment/imports/{job.job_id}"}


def _require_roster(upload: Upload) -> None:
    if len(upload.content) > workbooks.MAX_BYTES:
        raise Problem(422, "roster-too-large")
    if found := refusal(upload.file_name, upload.content):
        raise Problem(422, found, file=upload.file_name[-80:] or "—")


async def _unit(con: Connection, principal: Principal, code: str | None) -> Unit:
    wanted = code or principal.own_code(*BUREAUS)
    found = (await units_by_code(con, [wanted])).get(wanted)
    if found is None:
        raise Problem(404, "unit-unknown", unit=wanted)
    return found


def words(texts: Texts) -> Words:
    """Headings and yes/no as rosters spell them, in both languages."""

    def spelled(key: str) -> list[str]:
        return [word for lang in LANGUAGES for word in texts.get(lang, f"rosters.{key}").split("|")]

    return Words(
        columns={c: spelled(f"columns.{c}") for c in COLUMNS},
        yes=[normalise(w) for w in spelled("yes")],
        no=[normalise(w) for w in spelled("no")],
        totals=[normalise(w) for w in spelled("totals")],
        signatures=[normalise(w) for w in spelled("signatures")],
    )


def words_of(plain: Words, policy: Policy, texts: Texts) -> Words:
    """The same, with the roles and stages of a year: by key and by name."""
    stages = {stage for p in policy.projects for stage in p.stages}
    stages |= {
        s for p in policy.projects for c in p.cohorts for e in c.eligibility if isinstance(e, StageIn) for s in e.stages
    }
    named = [(r.key, word) for r in policy.roles for word in (r.key, r.names.zh, r.names.en)]
    usual = [
        (s, texts.get(lang, f"words.stages.{s}")) for s in stages for lang in LANGUAGES if f"words.stages.{s}" in texts
    ]
    own = [(s, getattr(policy.terms.called("properties", s), lang)) for s in stages for lang in LANGUAGES]
    return msgspec.structs.replace(
        plain,
        roles={normalise(word): key for key, word in named},
        stages={normalise(word): key for key, word in [*usual, *own, *((s, s) for s in stages)]},
    )


class Importer:
    """Works off import jobs: reads the file in a bounded process, then decides and writes in one transaction."""

    def __init__(self, runtime: Runtime, seal: Seal) -> None:
        self._runtime, self._seal = runtime, seal
        self._words = words(runtime.texts)

    async def work_off(self, now: datetime) -> int:
        """The job: every open import, one after the other. Several replicas share them."""
        done = 0
        while job := await self._claim():
            await self._attempt(job, now)
            done += 1
        return done

    async def next_due(self) -> datetime | None:
        """An open import is due since its upload."""
        async with self._runtime.db.background() as con:
            return await store.earliest_open(con)

    async def _claim(self) -> Claimed | None:
        async with self._runtime.db.background() as con:
            return await store.claim(con, str(uuid4()), LEASE)

    async def _attempt(self, job: Claimed, now: datetime) -> None:
        try:
            async with self._leased(job):
                await self._import(job, now)
        except Exception:
            log.exception("import failed", job=job.job_id)
            async with self._runtime.db.background() as con:
                await store.put_back(con, job, PAUSE)

    @asynccontextmanager
    async def _leased(self, job: Claimed) -> AsyncIterator[None]:
        """Renewed beside what is done; how that ends is never the import's outcome."""
        over = asyncio.Event()
        renewal = asyncio.create_task(self._renew(job, over))
        try:
            yield
        finally:
            over.set()
            renewal.cancel()
            await asyncio.wait([renewal])

    async def _renew(self, job: Claimed, over: asyncio.Event) -> None:
        """Until it is over: a connection that dies can put its own error in the place of a cancellation."""
        while not over.is_set():
            await asyncio.sleep(RENEW_SECONDS)
            try:
                async with self._runtime.db.background() as con:
                    await store.renew(con, job, LEASE)
            except Exception:
                log.warning("lease not renewed", job=job.job_id, exc_info=True)

    async def _import(self, job: Claimed, now: datetime) -> None:
        began = time.monotonic()
        async with self._runtime.db.background() as con:
            policy = (await policy_of(con, job.programme_id)).policy
        spoken = words_of(self._words, policy, self._runtime.texts)
        sheet = await rosters.read(job.content, spoken, local_day(job.uploaded_at, policy.calendar))
        async with self._runtime.db.background() as con:
            await store.count_rows(con, job, sheet)
        async with self._runtime.db.write() as con:
            if not await store.hold(con, job):
                return
            if not sheet.problem:
                await store.add_rows(con, job, await import_rows(con, _context(job), job, sheet, self._seal))
            await store.finish(con, job, now, time.monotonic() - began, sheet)
            reach("import.before_commit")
        reach("import.after_commit")
        self._runtime.wake()


def _context(job: Claimed) -> Context:
    """The command of the upload: an import that runs after the deadline was still handed in before it."""
    return Context(
        now=job.uploaded_at,
        actor=job.uploaded_by,
        source="enrolment",
        correlation_id=job.correlation_id,
        traceparent=job.traceparent,
    )


async def import_rows(con: Connection, context: Context, job: Claimed, sheet: Sheet, seal: Seal) -> list[Result]:
    """Write the people of a roster and select or nominate them: locks cells or the pot, then people, then decides for all."""
    programme = await policy_of(con, job.programme_id)
    schools = await store.schools(con, job.unit_path, local_day(context.now, programme.policy.calendar))
    judged = judge(sheet.rows, schools, _own(job, schools))
    pool = await lock_pool(con, job.programme_id, job.cohort)
    wanted = set() if pool else {j.person.unit_id for j in judged if j.person}
    cells = await lock_cells(con, job.programme_id, job.cohort, wanted)
    hashes = {j.row.row: seal.hash(j.person.number) for j in judged if j.person}
    known = await lock_known(con, hashes.values())
    judged = [_unless_elsewhere(j, known.get(hashes.get(j.row.row, "")), job.unit_path) for j in judged]
    people = {hashes[j.row.row]: j.person for j in judged if j.person}
    ids = await write(con, people, known, seal, context.now)
    persons = {j.row.row: ids[hashes[j.row.row]] for j in judged if j.person}
    units = {persons[j.row.row]: j.person.unit_id for j in judged if j.person}
    await attest(con, context, job.uploaded_by_name, programme, job.cohort, units, job.attested)
    if pool:
        ask = Ask(programme=programme, pool=pool, person_ids=list(units))
        return results(judged, persons, of_nominations(await nominate_in(con, context, ask)), sheet.columns)
    selection = Selection(programme=programme, cohort=job.cohort, person_ids=list(units))
    return results(judged, persons, of_decision(await select_in(con, context, selection, cells, units)), sheet.columns)


def _own(job: Claimed, schools: Sequence[School]) -> School | None:
    """The uploader itself, when nothing hangs under it."""
    return schools[0] if len(schools) == 1 and schools[0].unit_id == job.unit_id else None


def _unless_elsewhere(judged: Judged, known: KnownPerson | None, path: str) -> Judged:
    return elsewhere(judged) if judged.person and known and not known.unit_path.startswith(path) else judged
