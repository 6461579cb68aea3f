"""Moving and cancelling a class: a form, one page with everything that follows, and the act."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.enrolment.classes import service, store
from services.enrolment.classes.domain import Class, Move, move_mistakes, new_dates
from services.enrolment.classes.pages import Typed, attempt, back, day_of, mistakes, typed, version_seen
from services.enrolment.classes.routes import Institution
from services.enrolment.documents.service import shifted
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.policy import Policy
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
PARTS = ("year", "month", "day")
FIELD_OF = {
    "class-before-today": "starts-year",
    "nothing-changes": "starts-year",
    "cause-unknown": "cause",
    "class-ends-late": "extension",
    "class-too-short": "ends-year",
}


@router.get("/classes/{class_id}/page/move")
async def move_form(request: Request, class_id: str, principal: Institution) -> Response:
    """The form; with a new day in the address, what would follow from it."""
    query = request.query_params
    if "cause" not in query:
        return await _form(request, principal, class_id, query, [])
    move = _move(query)
    if isinstance(move, Problem):
        return await _form(request, principal, class_id, query, mistakes(request, move, "starts-year"))
    return await _check(request, principal, class_id, move)


@router.post("/classes/{class_id}/page/move")
async def moved(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Move the class, as it was checked; when it changed meanwhile the check is shown again."""
    form = await request.form()
    move = _move(form)
    if isinstance(move, Problem):
        return await _form(request, principal, class_id, form, mistakes(request, move))
    done = await attempt(command, lambda act: service.move(act, class_id, move), version_seen(form))
    if isinstance(done, Problem):
        errors = mistakes(request, done, FIELD_OF.get(done.code))
        return await _form(request, principal, class_id, form, errors, done.status)
    return back(f"/classes/{class_id}/page?done=moved")


def _move(form: Typed) -> Move | Problem:
    """What was typed; an end that is left empty keeps the span."""
    starts_on = day_of(form, "starts")
    ends = day_of(form, "ends")
    if starts_on is None or (ends is None and any(typed(form, f"ends-{p}") for p in PARTS)):
        return Problem(422, "no-such-day")
    return Move(cause=typed(form, "cause"), starts_on=starts_on, ends_on=ends, address=typed(form, "address") or None,
                extension=typed(form, "extension") or None)  # fmt: skip


async def _form(
    request: Request, principal: Principal, class_id: str, form: Typed, errors: list[dict[str, Any]], status: int = 422
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        klass, policy = await _own(con, principal, class_id)
    days = {name: [typed(form, f"{name}-{p}") for p in PARTS] for name in ("starts", "ends")}
    words = {name: typed(form, name) for name in ("cause", "address", "extension")}
    return render(request, "class_move.html", status if errors else 200, now=await runtime.now(), klass=klass, policy=policy,
                  errors=errors, failed=bool(errors), days=days, words=words)  # fmt: skip


async def _own(con: Any, principal: Principal, class_id: str) -> tuple[Class, Policy]:
    klass = await service.visible(con, principal, class_id)
    principal.require(klass.institution_path, "institution")
    return klass, (await policy_of(con, klass.programme_id)).policy


async def _check(request: Request, principal: Principal, class_id: str, move: Move) -> Response:
    """Everything that follows, before it is done (nothing is written here)."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        klass, policy = await _own(con, principal, class_id)
        dates = new_dates(klass, move)
        told = await store.told(con, class_id)
        dues = await shifted(con, policy, klass, dates.starts_on, dates.ends_on)
    async with runtime.db.system() as con:  # bans and other classes of the persons are in nobody's scope
        places = await store.places_of_class(con, class_id)
        refusals = await service.barred(con, klass, places, dates)
    arrived = sum(p.checked_in_at is not None for p in places)
    found = [*move_mistakes(klass, move, policy, arrived, now), *refusals]
    if found:
        refused = service.problem(runtime.texts, found)
        errors = mistakes(request, refused, FIELD_OF.get(refused.code))
        return await _form(request, principal, class_id, request.query_params, errors, refused.status)
    return render(request, "class_move_check.html", now=now, klass=klass, policy=policy, move=move, dates=dates, told=told,
                  dues=dues, announced=_announced(klass), key_fields=_fields(move))  # fmt: skip


def _announced(klass: Class) -> bool:
    """Whether anybody was told of the dates that would be void."""
    return klass.opened_at is not None


def _fields(move: Move) -> dict[str, str]:
    """The hidden fields that say the same again."""
    fields = {"cause": move.cause, "address": move.address or "", "extension": move.extension or ""}
    for name, day in (("starts", move.starts_on), ("ends", move.ends_on)):
        parts = (day.year, day.month, day.day) if day else ("", "", "")
        fields |= {f"{name}-{part}": str(value) for part, value in zip(PARTS, parts, strict=True)}
    return fields


@router.get("/classes/{class_id}/page/cancel")
async def cancel_form(request: Request, class_id: str, principal: Institution) -> Response:
    """What follows from calling the class off, and why it is."""
    return await _cancel(request, principal, class_id, None)


@router.post("/classes/{class_id}/page/cancel")
async def cancelled(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Call the class off."""
    form = await request.form()
    cause = typed(form, "cause")
    done = await attempt(command, lambda act: service.cancel(act, class_id, cause), version_seen(form))
    if isinstance(done, Problem):
        return await _cancel(request, principal, class_id, done)
    return back(f"/classes/{class_id}/page")


async def _cancel(request: Request, principal: Principal, class_id: str, refused: Problem | None) -> Response:
    runtime = get_runtime(request)
    now: datetime = await runtime.now()
    async with runtime.db.read(principal) as con:
        klass, policy = await _own(con, principal, class_id)
        told = await store.told(con, class_id)
    errors = mistakes(request, refused, "cause")
    return render(request, "class_cancel.html", refused.status if refused else 200, now=now, klass=klass, policy=policy,
                  told=told, announced=_announced(klass), errors=errors, failed=bool(errors))  # fmt: skip
