"""Forms about one person: an absence to accept, a dismissal to state."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.checkin import service, store
from services.enrolment.checkin.routes import Approver
from services.enrolment.checkin.service import MOVED, Absence
from services.enrolment.classes.pages import attempt, back, mistakes, several, typed
from services.enrolment.classes.routes import Institution
from services.enrolment.classes.service import visible
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
FIELD_OF = {"reason-not-accepted": "reason", "evidence-missing": "evidence", "class-not-moved": "reason"}


@router.get("/places/{place_id}/absence")
async def absence_page(request: Request, place_id: str, principal: Approver) -> Response:
    """Why somebody can't come."""
    return await _form(request, principal, place_id, "absence.html", FormData())


@router.post("/places/{place_id}/absence")
async def absence_form(request: Request, place_id: str, principal: Approver, command: AnyCommand) -> Response:
    """Accept the absence."""
    form = await request.form()
    absence = Absence(reason=typed(form, "reason"), evidence=list(several(form, "evidence")), note=typed(form, "note"))
    done = await attempt(command, lambda act: service.excuse(act, place_id, absence))
    if isinstance(done, Problem):
        return await _form(request, principal, place_id, "absence.html", form, done)
    return back(f"/classes/{done['class_id']}/page?done=excused")


@router.get("/places/{place_id}/leaving")
async def leaving_page(request: Request, place_id: str, principal: Institution) -> Response:
    """Why somebody is asked to leave, and what follows."""
    return await _form(request, principal, place_id, "leaving.html", FormData())


@router.post("/places/{place_id}/leaving")
async def leaving_form(request: Request, place_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Ask somebody to leave."""
    form = await request.form()
    done = await attempt(command, lambda act: service.dismiss(act, place_id, typed(form, "statement")))
    if isinstance(done, Problem):
        return await _form(request, principal, place_id, "leaving.html", form, done)
    return back(f"/classes/{done['class_id']}/page?done=dismissed")


async def _form(
    request: Request, principal: Principal, place_id: str, template: str, form: FormData, refused: Problem | None = None
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        who = await store.holder(con, place_id)
        if who is None or who.class_id is None:
            raise Problem(404, "out-of-scope")
        klass = await visible(con, principal, who.class_id)
        policy = (await policy_of(con, klass.programme_id)).policy
    errors = mistakes(request, refused, FIELD_OF.get(refused.code) if refused else None)
    kinds = dict.fromkeys(kind for reason in policy.participation.accepted_reasons for kind in reason.evidence)
    return render(
        request, template, refused.status if refused else 200, now=await runtime.now(), who=who, klass=klass, policy=policy,
        kinds=[k for k in kinds if k != MOVED or klass.date_version > 1], ticked=several(form, "evidence"),
        words={name: typed(form, name) for name in ("reason", "note", "statement")}, errors=errors, failed=bool(errors),
    )  # fmt: skip
