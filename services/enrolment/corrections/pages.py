"""The form for correcting a record: what was recorded, what follows, until when it is possible."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.checkin import store
from services.enrolment.classes.pages import attempt, back, mistakes, typed
from services.enrolment.classes.routes import Institution
from services.enrolment.classes.service import visible
from services.enrolment.corrections import service
from services.enrolment.corrections.domain import corrected_until
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)


@router.get("/places/{place_id}/correction/page")
async def correction_page(request: Request, place_id: str, principal: Institution) -> Response:
    """What was recorded, and what correcting it brings."""
    return await _form(request, principal, place_id, FormData())


@router.post("/places/{place_id}/correction/page")
async def correction_form(request: Request, place_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Correct it."""
    form = await request.form()
    completed = typed(form, "completed") == "yes"
    done = await attempt(
        command, lambda act: service.correct(act, place_id, typed(form, "reason"), completed=completed)
    )
    if isinstance(done, Problem):
        return await _form(request, principal, place_id, form, done)
    return back(f"/classes/{done['class_id']}/page?done=corrected")


async def _form(
    request: Request, principal: Principal, place_id: str, form: FormData, refused: Problem | None = None
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        who = await store.holder(con, place_id)
        if who is None or who.class_id is None:
            raise Problem(404, "out-of-scope")
        klass = await visible(con, principal, who.class_id)
        principal.require(klass.institution_path, "institution")
        policy = (await policy_of(con, klass.programme_id)).policy
    errors = mistakes(request, refused, "reason")
    return render(
        request, "correction.html", refused.status if refused else 200, now=await runtime.now(), who=who, klass=klass,
        until=corrected_until(klass, policy), reason=typed(form, "reason"), completed=typed(form, "completed"),
        errors=errors, failed=bool(errors),
    )  # fmt: skip
