"""Import jobs and what became of each row. A job holds its file, so any replica can work it off after a crash."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec

from services.enrolment.imports.domain import Result, School
from services.enrolment.rosters.domain import CellFinding, Sheet
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.runtime import Runtime
from shared.telemetry.metrics import Measure, columns

Q = load_queries(__file__)
MOST_FAILURES: Final = 5


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """An upload that was accepted."""

    job_id: str
    programme_id: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    file_name: str
    content: bytes
    uploaded_by: str
    uploaded_by_name: str
    correlation_id: str
    traceparent: str
    uploaded_at: datetime
    attested: list[str] = []


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A job that this process works off; the token proves it until the lease ends."""

    job_id: str
    programme_id: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    content: bytes
    uploaded_by: str
    uploaded_by_name: str
    correlation_id: str
    traceparent: str
    uploaded_at: datetime
    attested: list[str]
    lease_token: str


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its page shows it."""

    job_id: str
    programme_id: str
    policy_key: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    unit_code: str
    unit: Names
    file_name: str
    status: str
    problem: str | None
    problem_vars: dict[str, Any]
    uploaded_by_name: str
    uploaded_at: datetime
    finished_at: datetime | None
    seconds: float | None
    rows_total: int | None
    header_row: int | None
    selected: int
    nominated: int
    already: int
    refused: int
    errors: int


class StoredRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row, as stored; the name is gone once the roster's time of keeping is over."""

    row: int
    name: str | None
    outcome: str
    person_id: str | None
    place_id: str | None
    findings: list[CellFinding]


async def add(con: Connection, job: NewJob) -> None:
    """Queue an upload."""
    await con.execute(Q.add, *msgspec.structs.astuple(job))


async def claim(con: Connection, token: str, lease: timedelta) -> Claimed | None:
    """Take the oldest job that nobody works on."""
    row = await con.fetchrow(Q.claim, token, lease)
    return msgspec.convert(dict(row), Claimed) if row else None


async def renew(con: Connection, job: Claimed, lease: timedelta) -> None:
    """Hold on to the job; at once, whoever has its row locked."""
    await con.execute(Q.renew, job.job_id, job.lease_token, lease)


async def put_back(con: Connection, job: Claimed, pause: timedelta) -> None:
    """Let the job be tried again after a pause; the fifth failure is its last."""
    await con.execute(Q.put_back, job.job_id, job.lease_token, pause, MOST_FAILURES)


async def count_rows(con: Connection, job: Claimed, sheet: Sheet) -> None:
    """Say how many rows were read."""
    await con.execute(Q.count_rows, job.job_id, job.lease_token, len(sheet.rows), sheet.header_row)


async def hold(con: Connection, job: Claimed) -> bool:
    """Lock the job's row for the transaction of its result; False when the lease was lost."""
    return await con.fetchval(Q.hold, job.job_id, job.lease_token) is True


async def finish(con: Connection, job: Claimed, now: datetime, seconds: float, sheet: Sheet) -> None:
    """Close the job: done, or failed with the problem of the sheet."""
    status = "failed" if sheet.problem else "done"
    await con.execute(Q.finish, job.job_id, status, sheet.problem, sheet.vars, now, seconds)


async def add_rows(con: Connection, job: Claimed, results: Sequence[Result]) -> None:
    """Keep one result per row."""
    await con.execute(Q.add_rows, job.job_id, job.unit_path, results)


async def schools(con: Connection, path: str, on: date) -> list[School]:
    """The units of a subtree that are valid on a day."""
    return [School(**dict(r)) for r in await con.fetch(Q.schools, path, on)]


async def earliest_open(con: Connection) -> datetime | None:
    """When the oldest open job was uploaded."""
    instant: datetime | None = await con.fetchval(Q.earliest_open)
    return instant


async def forget(con: Connection, before: datetime) -> int:
    """Drop files, names and typed values of rosters that were uploaded before an instant; gives how many files."""
    await con.execute(Q.forget_rows, before)
    done: str = await con.execute(Q.forget_files, before)
    return int(done.rsplit(maxsplit=1)[-1])


async def find(con: Connection, job_id: str) -> Job | None:
    """A job that the connection may see."""
    row = await con.fetchrow(Q.job, job_id)
    return msgspec.convert(_with_unit(row), Job) if row else None


async def jobs(con: Connection, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
    """One page of the jobs that the connection may see, latest first."""
    rows = await con.fetch(Q.jobs, size, (page - 1) * size)
    return (rows[0]["total"] if rows else 0), [_with_unit(r) for r in rows]


async def rows(con: Connection, job_id: str, outcomes: Sequence[str], page: int, size: int) -> list[StoredRow]:
    """One page of the rows with these outcomes, in the order of the file."""
    found = await con.fetch(Q.rows, job_id, list(outcomes), size, (page - 1) * size)
    return [msgspec.convert(dict(r), StoredRow) for r in found]


async def refused(con: Connection, job_id: str, numbers: Sequence[int]) -> list[StoredRow]:
    """Those of the rows that were refused, in the order of the file."""
    found = await con.fetch(Q.refused, job_id, list(numbers))
    return [msgspec.convert(dict(r), StoredRow) for r in found]


async def settle(con: Connection, job_id: str, results: Sequence[Result]) -> None:
    """Write what became of refused rows."""
    await con.execute(Q.settle, job_id, results)


async def selected_rows(con: Connection, job_id: str, page: int, size: int) -> list[dict[str, Any]]:
    """One page of the rows whose people were selected, with their schools and what was passed by an override."""
    found = await con.fetch(Q.selected_rows, job_id, size, (page - 1) * size)
    return [{**dict(r), "unit": Names(zh=r["name_zh"], en=r["name_en"])} for r in found]


async def content(con: Connection, job_id: str) -> bytes | None:
    """The uploaded file, while it is kept."""
    stored: bytes | None = await con.fetchval(Q.content, job_id)
    return stored


def _with_unit(row: Any) -> dict[str, Any]:
    values = dict(row)
    return {**values, "unit": Names(zh=values.pop("unit_zh"), en=values.pop("unit_en"))}


def measures(runtime: Runtime) -> Measure:
    """Gauges: rosters that wait or are being read, and those given up."""
    return partial(columns, runtime.db, Q.figures)
