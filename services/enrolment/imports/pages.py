"""Pages of imports: upload form with past imports, progress, result."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.enrolment.classes.pages import mistakes, typed
from services.enrolment.imports import service, store
from services.enrolment.imports.routes import Reading, Uploading, found, read_upload
from services.enrolment.imports.store import Job, StoredRow
from services.enrolment.nominations.store import own_shares
from services.enrolment.overrides.domain import in_principle
from services.enrolment.overrides.service import may_override
from services.enrolment.places.service import level_names
from services.enrolment.pools.domain import terms
from services.enrolment.programmes.domain import cohorts
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.programmes.store import heads
from services.enrolment.quota.store import cells_under, given
from services.enrolment.wording.service import part, sentence
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import language_of, render
from shared.policy.lookup import cohort as cohort_of
from shared.problems import Problem
from shared.runtime import Runtime, get_runtime
from shared.texts import Texts
from shared.units import units_by_code

router = APIRouter(include_in_schema=False)
PER_PAGE = 50
SELECTED_PER_PAGE = 10
MOST_ERRORS = 500
REASON = "reason-"


@router.get("/imports")
async def list_page(
    request: Request, principal: Reading, page: Annotated[int, Query(ge=1)] = 1, cohort: str = ""
) -> Response:
    """Which rosters were uploaded, and the form for another one."""
    return await _list(request, principal, page=page, chosen=cohort)


@router.post("/imports")
async def upload_page(
    request: Request,
    principal: Uploading,
    command: AnyCommand,
    cohort: Annotated[str, Form()],
    file: Annotated[UploadFile, File()],
    unit: Annotated[str, Form()] = "",
    attested: Annotated[str, Form()] = "",
) -> Response:
    """Upload from the form; ``cohort`` is ``year/cohort``. A refusal shows the form again, with what to change."""
    key, _, cohort_key = cohort.partition("/")
    try:
        upload = await read_upload(key, cohort_key, unit, file, attested=attested == "yes")

        async def work(con: Connection, context: Context) -> dict[str, Any]:
            return await service.accept(con, context, principal, upload)

        answer, _status = await command.perform(work, status=202)
    except Problem as problem:
        return await _list(request, principal, page=1, chosen=cohort, refused=problem)
    command.runtime.kick("imports")
    return RedirectResponse(f"/enrolment/imports/{msgspec.json.decode(answer)['job_id']}/page", 303)


async def _list(
    request: Request, principal: Principal, *, page: int, chosen: str, refused: Problem | None = None
) -> Response:
    runtime, lang = get_runtime(request), language_of(request)
    async with runtime.db.read(principal) as con:
        total, jobs = await store.jobs(con, page, PER_PAGE)
        choices = await _choices(con, principal, lang)
    text = sentence(runtime.texts, lang, refused.code, refused.details) if refused else None
    errors = [{"field": "file", "text": text}] if text else []
    return render(
        request,
        "imports.html",
        status=refused.status if refused else 200,
        now=await runtime.now(),
        failed=bool(errors),
        errors=errors,
        total=total,
        page=page,
        per=PER_PAGE,
        jobs=jobs,
        choices=choices,
        chosen=chosen or (choices[0][0] if len(choices) == 1 else ""),
        may_upload=principal.has("city", "county", "school"),
    )


async def _choices(con: Connection, principal: Principal, lang: str) -> list[tuple[str, str]]:
    """The cohorts in which the own unit has places or may nominate, as ``(year/cohort, words)``; while it has none, every cohort."""
    unit = (await units_by_code(con, [principal.own_code()])).values()
    held = {(g.programme_id, g.cohort) for u in unit for g in await given(con, u) if g.places}
    held |= {pair for u in unit for pair in await own_shares(con, u.unit_id)}
    every = [
        ((head.programme_id, cohort.key), (f"{head.key}/{cohort.key}", f"{head.year} · {getattr(cohort.names, lang)}"))
        for head in await heads(con)
        if head.published_at
        for _, cohort in cohorts((await published(con, head.key)).policy)
    ]
    return [words for where, words in every if where in held or not held]


@router.get("/imports/{job_id}/page")
async def job_page(
    request: Request,
    job_id: str,
    principal: Reading,
    page: Annotated[int, Query(ge=1)] = 1,
    passed: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Which rows failed and what now; while the roster is being read, how far it is. ``passed``: just overridden."""
    return await show_job(request, principal, job_id, page=page, passed=passed)


async def show_job(
    request: Request, principal: Principal, job_id: str, *, page: int = 1, passed: int = 0,
    refused: Problem | None = None, form: FormData | None = None,
) -> Response:  # fmt: skip
    """The page of one import; ``form`` holds reasons that were typed and not taken."""
    runtime, lang = get_runtime(request), language_of(request)
    async with runtime.db.read(principal) as con:
        job = await found(con, job_id)
        policy = (await policy_of(con, job.programme_id)).policy
        context: dict[str, Any] = {"job": job, "now": await runtime.now(), "revision": policy.revision, "year": policy.year,
                   "project": next(p for p in policy.projects if p.key == job.project).names,
                   "nominating": terms(cohort_of(policy, job.cohort)) is not None,
                   "may_upload": principal.has("city", "county", "school")}  # fmt: skip
        if job.status in {"queued", "running"}:
            return render(request, "import_progress.html", **context)
        result = await _result(con, runtime, job, lang, page)
    rows = [r for r in result.pop("left") if in_principle(r.findings, cohort_of(policy, job.cohort).eligibility)]
    soft = [line for row in rows for line in _lines(row, runtime.texts, lang)]
    errors = mistakes(request, refused, _at_fault(refused, soft))
    problem = sentence(runtime.texts, lang, job.problem, job.problem_vars) if job.problem else None
    return render(
        request, "import_result.html", refused.status if refused else 200, **context, **result, problem=problem, page=page, per=SELECTED_PER_PAGE,
        soft=soft, office=policy.selection.override, level=level_names(policy, policy.selection.override.by_level) if policy.selection.override else None, may_override=may_override(policy, principal, job.unit_path),
        reasons={line["row"]: typed(form, f"{REASON}{line['row']}") if form else "" for line in soft},
        errors=errors, passed=passed,
    )  # fmt: skip


def _at_fault(refused: Problem | None, soft: list[dict[str, Any]]) -> str | None:
    """The input that a refusal leads to."""
    row = refused.details.get("row") if refused else None
    return f"{REASON}{row or soft[0]['row']}" if soft else None


async def _result(con: Connection, runtime: Runtime, job: Job, lang: str, page: int) -> dict[str, Any]:
    wrong = await store.rows(con, job.job_id, ("error",), 1, MOST_ERRORS)
    refused = await store.rows(con, job.job_id, ("refused",), 1, MOST_ERRORS)
    cells = await cells_under(con, job.programme_id, job.cohort, job.unit_path)
    own = next((c for c in cells if c.unit_id == job.unit_id), None)
    return {
        "left": refused,
        "wrong": [line for row in wrong for line in _lines(row, runtime.texts, lang)],
        "refused": [line for row in refused for line in _lines(row, runtime.texts, lang)],
        "quota_out": sum(any(f.code == "quota-used-up" for f in row.findings) for row in refused),
        "chosen": await store.selected_rows(con, job.job_id, page, SELECTED_PER_PAGE),
        "places": own.places if own else None,
        "taken": sum(c.selected for c in cells),
        "kept": await store.content(con, job.job_id) is not None,
    }


def _lines(row: StoredRow, texts: Texts, lang: str) -> list[dict[str, Any]]:
    """One line per mistake; number and name stand at each, so a line can be read alone."""
    return [
        {
            "row": row.row,
            "name": row.name or "—",
            "field": texts.get(lang, f"rosters.columns.{f.field}").split("|")[0] if f.field else "",
            "value": f.value,
            "what": part(texts, lang, f.code, "detail", f.vars),
            "how": part(texts, lang, f.code, "remedy", f.vars),
        }
        for f in row.findings
    ]
