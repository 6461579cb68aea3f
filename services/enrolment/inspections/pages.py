"""Pages of inspections: the list, the form of a new one, one with its history and the form to correct it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, day_of, mistakes, typed
from services.enrolment.inspections import service, store
from services.enrolment.inspections.domain import ROLES, Form, highest, plain, scoring_roles
from services.enrolment.inspections.routes import PAGE, Reader, Scorer
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.programmes.store import heads
from services.enrolment.units.store import institutions
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import language_of, render
from shared.policy.lookup import project as project_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL

router = APIRouter(include_in_schema=False)
FIELD_OF = {"inspection-in-future": "day-year", "inspection-known": "day-year", "reason-missing": "reason",
            "form-incomplete": "score", "score-other-maximum": "max"}  # fmt: skip
WORDS = ("project", "institution", "score", "max", "reason")


@router.get("/inspections")
async def list_page(request: Request, principal: Reader, page: Annotated[int, Query(ge=1)] = 1) -> Response:
    """Inspections of institutions in reach, latest first."""
    runtime, lang = get_runtime(request), language_of(request)
    paths = [g.path for g in principal.grants if g.path]
    async with runtime.db.read(principal) as con:
        total, found = await store.listed(con, paths, None, page, PAGE)
        policies = {i: (await policy_of(con, i)).policy for i in {f["programme_id"] for f in found}}
    rows = [{**f, "project": getattr(project_of(policies[f["programme_id"]], f["project"]).names, lang), "year": policies[f["programme_id"]].year} for f in found]  # fmt: skip
    return render(request, "inspections.html", now=await runtime.now(), rows=rows, total=total, page=page, per=PAGE,
                  may_score=principal.has(*ROLES))  # fmt: skip


@router.get("/new-inspection")
async def new_form(request: Request, principal: Scorer) -> Response:
    """The empty form."""
    return await _new(request, principal, FormData())


@router.post("/new-inspection")
async def new_inspection(request: Request, principal: Scorer, command: AnyCommand) -> Response:
    """Score a form; a refusal shows it again as it was filled in."""
    form = await request.form()
    key, _, project = typed(form, "project").partition("/")
    scored = _form(form)
    if not (project and typed(form, "institution") and scored):
        return await _new(request, principal, form, Problem(422, "form-incomplete"))
    ask = service.Ask(key=key, project=project, institution=typed(form, "institution"), form=scored)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.score(con, context, principal, ask, command.runtime.texts)

    done = await command.attempt(work)
    return await _new(request, principal, form, done) if isinstance(done, Problem) else back("/inspections")


def _form(form: FormData) -> Form | None:
    day = day_of(form, "day")
    complete = day is not None and typed(form, "score") and typed(form, "max")
    return Form(score=typed(form, "score"), max=typed(form, "max"), inspected_on=day) if complete and day else None


async def _new(request: Request, principal: Principal, form: FormData, refused: Problem | None = None) -> Response:
    runtime, lang = get_runtime(request), language_of(request)
    now = await runtime.now()
    paths = [g.path for g in principal.grants if g.path and g.role in ROLES]
    async with runtime.db.read(principal) as con:
        years = [await published(con, h.key) for h in await heads(con) if h.published_at]
        known = await institutions(con, paths, now.astimezone(CIVIL).date())
    projects = [(f"{y.key}/{p.key}", f"{y.year} · {getattr(p.names, lang)}") for y in years for p in y.policy.projects]
    limits = [limit for y in years if (limit := highest(y.policy))]
    words = {name: typed(form, name) for name in WORDS}
    words["max"] = words["max"] or (plain(limits[0]) if limits else "")
    errors = mistakes(request, refused, FIELD_OF.get(refused.code, "score") if refused else None)
    return render(request, "inspection_new.html", refused.status if refused else 200, now=now, errors=errors, failed=bool(errors),
                  projects=projects, institutions=[(code, getattr(n, lang)) for code, n in known], words=words,
                  day=_day(form))  # fmt: skip


def _day(form: FormData) -> list[str]:
    return [typed(form, f"day-{part}") for part in ("year", "month", "day")]


@router.get("/inspections/{inspection_id}/page")
async def inspection_page(request: Request, inspection_id: str, principal: Reader, done: str = "") -> Response:
    """One inspection: its score, every earlier one, and the form to correct it."""
    return await _one(request, principal, inspection_id, done=done)


@router.post("/inspections/{inspection_id}/page")
async def correct_page(request: Request, inspection_id: str, principal: Scorer, command: AnyCommand) -> Response:
    """Correct the score from the page."""
    form = await request.form()
    scored = _form(form)
    if scored is None:
        return await _one(request, principal, inspection_id, form=form, refused=Problem(422, "form-incomplete"))

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        texts = command.runtime.texts
        return await service.correct(con, context, principal, inspection_id, scored, typed(form, "reason"), texts)

    done = await command.attempt(work)
    if isinstance(done, Problem):
        return await _one(request, principal, inspection_id, form=form, refused=done)
    return back(f"/inspections/{inspection_id}/page?done=corrected")


async def _one(
    request: Request, principal: Principal, inspection_id: str, *, form: FormData | None = None, refused: Problem | None = None,
    done: str = "",
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        found = await service.visible(con, principal, inspection_id)
        policy = (await policy_of(con, found["programme_id"])).policy
        scores = await store.scores(con, inspection_id)
    on = found["inspected_on"]
    words = (
        {name: typed(form, name) for name in WORDS}
        if form
        else {"score": found["score"], "max": found["max"], "reason": ""}
    )
    errors = mistakes(request, refused, FIELD_OF.get(refused.code, "score") if refused else None)
    return render(
        request, "inspection.html", refused.status if refused else 200, now=await runtime.now(), found=found, scores=scores,
        project=project_of(policy, found["project"]).names, year=policy.year, errors=errors, failed=bool(errors), done=done,
        words=words, day=_day(form) if form else [str(on.year), str(on.month), str(on.day)],
        may_score=principal.reaches(found["institution_path"], *scoring_roles(policy)),
    )  # fmt: skip
