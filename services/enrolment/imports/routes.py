"""JSON routes of imports: upload, follow, the annotated file, an empty roster."""

from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from services.enrolment.imports import service, store
from services.enrolment.imports.store import Job, StoredRow
from services.enrolment.rosters import service as rosters
from services.enrolment.wording.service import said, sentence
from services.enrolment.workbooks import service as workbooks
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import language_of
from shared.problems import Problem
from shared.runtime import Runtime, get_runtime
from shared.texts import LANGUAGES, Texts

router = APIRouter(tags=["imports"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Uploading = Annotated[Principal, Depends(allow("city", "county", "school"))]
Reading = Annotated[Principal, Depends(allow("province", "city", "county", "school"))]
UNDONE = ("error", "refused", "already")
ALL_ROWS = 20_000


@router.post("/programmes/{key}/cohorts/{cohort}/imports")
async def post_import(
    key: str,
    cohort: str,
    principal: Uploading,
    command: AnyCommand,
    file: Annotated[UploadFile, File()],
    unit: Annotated[str | None, Form()] = None,
    attested: Annotated[str, Form()] = "",
) -> Response:
    """Accept a roster (.xlsx, or .csv in UTF-8 or GB18030) and answer 202 with the job to follow."""
    upload = await read_upload(key, cohort, unit, file, attested=attested == "yes")

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.accept(con, context, principal, upload)

    answer = await command.run(work, status=202)
    command.runtime.kick("imports")
    return answer


async def read_upload(key: str, cohort: str, unit: str | None, file: UploadFile, *, attested: bool) -> service.Upload:
    """The upload with its bytes, never more than one over the limit."""
    content, name = await file.read(workbooks.MAX_BYTES + 1), file.filename or ""
    return service.Upload(key=key, cohort=cohort, unit=unit or None, file_name=name, content=content, attested=attested)


@router.get("/imports/{job_id}")
async def get_import(request: Request, job_id: str, principal: Reading) -> dict[str, Any]:
    """One import: its state, counts, and every row that was not selected."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        job = await found(con, job_id)
        undone = await store.rows(con, job_id, UNDONE, 1, ALL_ROWS)
    counts = {name: getattr(job, name) for name in ("selected", "nominated", "already", "refused", "errors")}
    return {
        "job_id": job_id,
        "status": job.status,
        "file_name": job.file_name,
        "rows": job.rows_total,
        **counts,
        "problem": said(runtime.texts, job.problem, job.problem_vars) if job.problem else None,
        "findings": [f for row in undone for f in _findings(row, runtime.texts)],
    }


def _findings(row: StoredRow, texts: Texts) -> list[dict[str, Any]]:
    return [
        {"row": row.row, "name": row.name, "person_id": row.person_id, "outcome": row.outcome, "column": f.field, "value": f.value,
         **said(texts, f.code, f.vars)}
        for f in row.findings
    ]  # fmt: skip


async def found(con: Connection, job_id: str) -> Job:
    """The job, if the connection may see it. Problem 404 out-of-scope."""
    job = await store.find(con, job_id)
    if job is None:
        raise Problem(404, "out-of-scope")
    return job


@router.get("/imports/{job_id}/annotated.xlsx")
async def get_annotated(request: Request, job_id: str, principal: Reading) -> Response:
    """The uploader's own sheet as a workbook: faulty cells filled and commented, a column that says what to do."""
    runtime, lang = get_runtime(request), language_of(request)
    async with runtime.db.read(principal) as con:
        job = await found(con, job_id)
        content = await store.content(con, job_id)
        undone = await store.rows(con, job_id, ("error", "refused"), 1, ALL_ROWS)
    if content is None:
        raise Problem(410, "roster-forgotten")
    notes = [n for row in undone for n in _notes(row, lang, runtime.texts)]
    headings = [runtime.texts.get(each, "rosters.notes") for each in (lang, *LANGUAGES)]
    annotated = await rosters.annotate(content, notes, job.header_row or 1, headings)
    if annotated is None:
        raise Problem(409, "roster-not-annotated")
    return workbook(annotated, runtime.texts.get(lang, "rosters.annotated", file=PurePath(job.file_name).stem))


def _notes(row: StoredRow, lang: str, texts: Texts) -> list[workbooks.Note]:
    return [workbooks.Note(row.row, f.column, sentence(texts, lang, f.code, f.vars)) for f in row.findings]


@router.get("/roster-template.xlsx")
async def get_template(request: Request, _: Reading) -> Response:
    """An empty roster with the headings that are understood."""
    runtime, lang = get_runtime(request), language_of(request)
    return workbook(_template(runtime, lang), runtime.texts.get(lang, "rosters.template"))


def _template(runtime: Runtime, lang: str) -> bytes:
    def heading(column: str) -> str:
        return runtime.texts.get(lang, f"rosters.columns.{column}").split("|")[0]

    columns = (
        "name",
        "id_number",
        "phone",
        "email",
        "school",
        "teaching_since",
        "backbone",
        "role",
        "stage",
        "trainer_since",
    )
    as_text = {columns.index(c) for c in ("id_number", "phone", "school", "teaching_since", "trainer_since")}
    return workbooks.template([heading(c) for c in columns], as_text, runtime.texts.get(lang, "rosters.sheet"))


def workbook(content: bytes, name: str) -> Response:
    """A workbook to download."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx", "cache-control": "no-store"}
    return Response(content, headers=headers, media_type=XLSX)
