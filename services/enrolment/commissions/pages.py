"""The page of commissions: who carries which project, the form to give one out, the forms to take one back."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import attempt, back, mistakes, several, typed
from services.enrolment.commissions import service
from services.enrolment.commissions.routes import Giver, Reader
from services.enrolment.commissions.service import WRITERS
from services.enrolment.programmes.service import Programme, published
from services.enrolment.programmes.store import heads
from services.enrolment.units.store import institutions
from shared.auth import Principal
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.policy.lookup import project as project_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL

router = APIRouter(include_in_schema=False)


@router.get("/commissions")
async def list_page(request: Request, principal: Reader, policy: str = "", done: str = "") -> Response:
    """Who carries which project of a year."""
    return await _show(request, principal, policy, done=done)


@router.post("/commissions/page")
async def give_form(request: Request, principal: Giver, command: AnyCommand) -> Response:
    """Give a project to the ticked institutions."""
    form = await request.form()
    key, project = typed(form, "policy"), typed(form, "project")
    chosen = several(form, "institution")
    if not project or not chosen:
        return await _show(request, principal, key, form=form, refused=Problem(422, "commission-incomplete"))
    ask = service.Ask(key=key, project=project, institutions=chosen)
    done = await attempt(command, lambda act: service.commission(act, ask))
    if isinstance(done, Problem):
        return await _show(request, principal, key, form=form, refused=done)
    return back(f"/commissions?policy={key}&done=given")


@router.post("/commissions/{commission_id}/page")
async def release_form(request: Request, commission_id: str, principal: Giver, command: AnyCommand) -> Response:
    """Take a project back."""
    form = await request.form()
    done = await attempt(command, lambda act: service.release(act, commission_id, typed(form, "reason")))
    if isinstance(done, Problem):
        return await _show(request, principal, typed(form, "policy"), form=form, refused=done)
    return back(f"/commissions?policy={typed(form, 'policy')}&done=released")


async def _show(
    request: Request, principal: Principal, key: str, *, form: FormData | None = None, refused: Problem | None = None,
    done: str = "",
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        years = [h for h in await heads(con) if h.published_at]
        chosen = next((h for h in years if h.key == key), years[0] if years else None)
        year = await published(con, chosen.key) if chosen else None
        found = await _found(con, principal, year) if year else []
        able = year is not None and principal.reaches(year.issuer_path, *WRITERS)
        known = await institutions(con, ["/"], now.astimezone(CIVIL).date()) if able else []
    errors = mistakes(request, refused, "reason" if refused and refused.code == "reason-missing" else "project")
    return render(request, "commissions.html", refused.status if refused else 200, now=now, year=year, years=years, found=found,
                  able=able, institutions=known, done=done, errors=errors, failed=bool(errors), words=_words(form),
                  projects=year.policy.projects if year else ())  # fmt: skip


async def _found(con: Connection, principal: Principal, year: Programme) -> list[dict[str, Any]]:
    rows = await service.of_year(con, principal, year.key)
    return [{**r, "project_names": project_of(year.policy, r["project"]).names} for r in rows]


def _words(form: FormData | None) -> dict[str, Any]:
    return {
        "project": typed(form, "project") if form else "",
        "institution": several(form, "institution") if form else (),
    }
