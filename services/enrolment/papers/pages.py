"""The page of a unit's papers for a project, with a form for each that is still to come."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from services.enrolment.classes.pages import attempt, back, mistakes, typed
from services.enrolment.documents.domain import MAX_BYTES, kinds
from services.enrolment.documents.routes import read_upload
from services.enrolment.papers import service, store
from services.enrolment.papers.routes import Owing, Seeing
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.policy.lookup import project as project_of
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)


@router.get("/papers")
async def papers_page(
    request: Request, principal: Seeing, policy: str = "", project: str = "", unit: str = "", done: str = ""
) -> Response:
    """One unit's papers for one project; without a project, the caller's own projects to choose from."""
    if not project:
        return await _choose(request, principal)
    return await _show(request, principal, service.Wanted(key=policy, project=project, unit=unit), done=done)


@router.post("/papers/page")
async def papers_form(request: Request, principal: Owing, command: AnyCommand) -> Response:
    """Hand one in; the answer says whether it came in time."""
    form = await request.form()
    wanted, key = _wanted(form), typed(form, "document")
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _show(request, principal, wanted, key=key, refused=Problem(422, "document-missing"))
    upload, content = await read_upload(file, sealed=bool(typed(form, "sealed")))
    done = await attempt(command, lambda act: service.hand_in(act, wanted, key, upload, content))
    if isinstance(done, Problem):
        return await _show(request, principal, wanted, key=key, refused=done)
    came = "handed_in" if done["on_time"] else "handed_in_late"
    return back(f"/papers?policy={wanted.key}&project={wanted.project}&unit={wanted.unit}&done={came}")


def _wanted(form: FormData) -> service.Wanted:
    return service.Wanted(key=typed(form, "policy"), project=typed(form, "project"), unit=typed(form, "unit"))


async def _choose(request: Request, principal: Principal) -> Response:
    runtime = get_runtime(request)
    own = {g.unit_id: g.code for g in principal.grants if g.unit_id and g.role in service.WRITERS}
    async with runtime.db.read(principal) as con:
        rows = []
        for unit_id, code in own.items():
            for programme_id, project in await store.projects_of(con, [unit_id]):
                programme = await policy_of(con, programme_id)
                rows.append((programme, code, project, project_of(programme.policy, project).names))
    return render(request, "papers_start.html", now=await runtime.now(), rows=rows)


async def _show(
    request: Request, principal: Principal, wanted: service.Wanted, *, key: str = "", refused: Problem | None = None,
    done: str = "",
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        found = await service.shelf(con, principal, wanted, *service.READERS)
        owed = await service.obligations(con, found, now)
    errors = mistakes(request, refused, f"file-{key}")
    names = project_of(found.programme.policy, wanted.project).names
    return render(request, "papers.html", refused.status if refused else 200, now=now, wanted=wanted, shelf=found, owed=owed,
                  project=names, mine=principal.reaches(found.unit.path, *service.WRITERS), kinds=kinds, done=done,
                  limit=MAX_BYTES // 1024 // 1024, errors=errors, failed=bool(errors))  # fmt: skip
