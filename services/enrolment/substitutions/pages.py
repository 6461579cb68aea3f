"""Pages of substitutions: the list, and one place with its form for whoever asks or decides."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.checkin.store import holder
from services.enrolment.classes.pages import attempt, back, mistakes, typed
from services.enrolment.classes.store import find_class
from services.enrolment.substitutions import service, store
from services.enrolment.substitutions.routes import PATH, Approver, Sender
from shared.auth import Principal, allow
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
Officer = Annotated[Principal, Depends(allow("province", "city", "county", "school"))]
FIELD_OF = {
    "substitution-reason-missing": "reason",
    "substitute-elsewhere": "substitute",
    "stood-in-already": "substitute",
}


@router.get("/substitutions")
async def list_page(request: Request, principal: Officer) -> Response:
    """What waits for a superior, and what was decided."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        rows = await store.page(con)
    return render(request, "substitutions.html", now=await runtime.now(), rows=rows)


@router.get(f"{PATH}/page")
async def substitution_page(request: Request, place_id: str, principal: Officer, done: str = "") -> Response:
    """Who could stand in, or what was asked."""
    return await _show(request, principal, place_id, FormData(), done=done)


@router.post(f"{PATH}/page")
async def substitution_form(request: Request, place_id: str, principal: Sender, command: AnyCommand) -> Response:
    """Ask."""
    form = await request.form()
    asked = (typed(form, "substitute"), typed(form, "reason"))
    done = await attempt(command, lambda act: service.ask(act, place_id, *asked))
    if isinstance(done, Problem):
        return await _show(request, principal, place_id, form, refused=done)
    return back(f"/places/{place_id}/substitution/page?done=asked")


@router.post(f"{PATH}/page/decision")
async def decision_form(request: Request, place_id: str, principal: Approver, command: AnyCommand) -> Response:
    """Decide; approving is the word of the button, nothing is preselected."""
    form = await request.form()
    approve = typed(form, "approve") == "yes"
    done = await attempt(command, lambda act: service.decide(act, place_id, typed(form, "words"), approve=approve))
    if isinstance(done, Problem):
        return await _show(request, principal, place_id, form, refused=done)
    return back(f"/places/{place_id}/substitution/page?done={done['status']}")


async def _show(
    request: Request, principal: Principal, place_id: str, form: FormData, *, refused: Problem | None = None, done: str = ""
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        place, who = await store.place_of(con, place_id), await holder(con, place_id)
        if place is None or who is None:
            raise Problem(404, "out-of-scope")
        asked = await store.asked(con, place_id)
        people = await store.could_stand_in(con, place)
        klass = await find_class(con, place.class_id) if place.class_id else None
        new = await holder(con, place.replaced_by) if place.replaced_by else None
    errors = mistakes(request, refused, FIELD_OF.get(refused.code) if refused else None)
    return render(
        request, "substitution.html", refused.status if refused else 200, now=await runtime.now(), place=place, who=who,
        asked=asked, people=people, klass=klass, new=new, done=done, errors=errors, failed=bool(errors),
        may_ask=principal.reaches(place.unit_path, *service.SENDERS),
        may_decide=principal.reaches(service.above(place.unit_path), *service.APPROVERS),
        words={name: typed(form, name) for name in ("substitute", "reason", "words")},
    )  # fmt: skip
