"""Pages of check-in day and after, for the institution's staff: arrivals, closing, completion."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.checkin import service, store
from services.enrolment.checkin.domain import Counts, count, on_list, outcome, place_of, proves
from services.enrolment.checkin.service import Arrival
from services.enrolment.classes.domain import Class
from services.enrolment.classes.pages import attempt, back, mistakes, typed, version_seen
from services.enrolment.classes.routes import Institution, Reader, codes_key
from services.enrolment.classes.service import visible
from services.enrolment.classes.store import Member, people
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.policy import Policy
from shared.policy.moments import local_day
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
WHOLE_LIST: Final = 10_000
LATEST: Final = 10


async def _class(request: Request, principal: Principal, class_id: str) -> tuple[Class, Policy, Counts, list[Member]]:
    """A class of the institution with its whole list; who fell to a ban is left out."""
    async with get_runtime(request).db.read(principal) as con:
        klass = await visible(con, principal, class_id)
        principal.require(klass.institution_path, "institution")
        policy = (await policy_of(con, klass.programme_id)).policy
        listed = on_list(await people(con, class_id, 1, WHOLE_LIST))
        return klass, policy, count(listed), listed


@router.get("/classes/{class_id}/checkin")
async def checkin_page(request: Request, class_id: str, principal: Institution, arrived: str = "") -> Response:
    """Who is here, who not."""
    return await _checkin(request, principal, class_id, arrived=arrived)


@router.post("/classes/{class_id}/checkin")
async def checkin_form(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Check somebody in, by code or by hand."""
    form = await request.form()
    arrival = Arrival(code=typed(form, "code"), place_id=typed(form, "place_id") or None, reason=typed(form, "reason"))
    done = await attempt(command, lambda act: service.check_in(act, class_id, arrival))
    if isinstance(done, Problem):
        return await _checkin(request, principal, class_id, refused=done, asked=arrival)
    return back(f"/classes/{class_id}/checkin?arrived={done['place_id']}")


async def _checkin(
    request: Request,
    principal: Principal,
    class_id: str,
    *,
    arrived: str = "",
    refused: Problem | None = None,
    asked: Arrival | None = None,
) -> Response:
    klass, policy, counts, listed = await _class(request, principal, class_id)
    here = sorted((m for m in listed if m.checked_in_at), key=_arrival, reverse=True)
    field = f"reason-{asked.place_id}" if asked and asked.place_id else "code"
    errors = mistakes(request, refused, field)
    now = await get_runtime(request).now()
    return render(
        request, "checkin.html", refused.status if refused else 200, now=now, klass=klass, policy=policy, counts=counts,
        absent=[m for m in listed if outcome(m) != "checked_in"], latest=here[:LATEST], errors=errors, failed=bool(errors),
        arrived=next((m for m in here if m.place_id == arrived), None), asked=asked,
        open=klass.status == "open" and klass.checkin_opens_at <= now <= klass.checkin_closes_at,
        may_close=klass.status == "open" and now >= klass.checkin_closes_at,
    )  # fmt: skip


def _arrival(member: Member) -> datetime:
    if member.checked_in_at is None:
        raise ValueError("only for those who are here")
    return member.checked_in_at


@router.get("/checkin/{token}")
async def scanned(request: Request, token: str, principal: Reader) -> Response:
    """What a scanned code opens: for staff the person and a button, for the holder how to show it."""
    runtime, place_id = get_runtime(request), place_of(token)
    async with runtime.db.read(principal) as con:
        code = await store.code_of_place(con, place_id) if place_id else None
        if code is None or place_id is None or not proves(codes_key(runtime), code.class_id, place_id, token):
            raise Problem(404, "code-unknown")
        who = await store.holder(con, place_id)
    staff = principal.reaches(code.institution_path, "institution")
    return render(
        request, "checkin_scanned.html", now=await runtime.now(), code=code, who=who, token=token, staff=staff
    )


@router.get("/classes/{class_id}/checkin/closing")
async def closing_page(request: Request, class_id: str, principal: Institution) -> Response:
    """Who is absent, and what follows from closing."""
    return await _closing(request, principal, class_id)


@router.post("/classes/{class_id}/checkin/closing")
async def closing_form(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Close check-in; whether the class took place as announced has to be said."""
    form = await request.form()
    held = typed(form, "held")
    if held not in {"yes", "no"}:
        return await _closing(request, principal, class_id, refused=Problem(422, "held-unsaid"))
    done = await attempt(command, lambda act: service.close(act, class_id, held=held == "yes"), version_seen(form))
    if isinstance(done, Problem):
        return await _closing(request, principal, class_id, refused=done)
    return back(f"/classes/{class_id}/page?done=closed")


async def _closing(
    request: Request, principal: Principal, class_id: str, *, refused: Problem | None = None
) -> Response:
    klass, policy, counts, listed = await _class(request, principal, class_id)
    errors = mistakes(request, refused, "held")
    now = await get_runtime(request).now()
    return render(
        request, "checkin_closing.html", refused.status if refused else 200, now=now, klass=klass, policy=policy,
        counts=counts, absent=[m for m in listed if outcome(m) != "checked_in"], errors=errors, failed=bool(errors),
        may_close=klass.status == "open" and now >= klass.checkin_closes_at,
    )  # fmt: skip


@router.get("/classes/{class_id}/completion/page")
async def completion_page(request: Request, class_id: str, principal: Institution, preset: str = "") -> Response:
    """Who completed; everyone who checked in gets a decision."""
    return await _completion(request, principal, class_id, FormData(), preset=preset)


@router.post("/classes/{class_id}/completion/page")
async def completion_form(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Decide completion and end the class."""
    form = await request.form()
    choices = {key.removeprefix("p-"): typed(form, key) for key in form if key.startswith("p-")}
    completed = [place_id for place_id, choice in choices.items() if choice == "yes"]
    failed = {place_id: typed(form, f"why-{place_id}") for place_id, choice in choices.items() if choice == "no"}
    done = await attempt(command, lambda act: service.complete(act, class_id, completed, failed), version_seen(form))
    if isinstance(done, Problem):
        return await _completion(request, principal, class_id, form, refused=done)
    return back(f"/classes/{class_id}/page?done=completed")


async def _completion(
    request: Request,
    principal: Principal,
    class_id: str,
    form: FormData,
    *,
    preset: str = "",
    refused: Problem | None = None,
) -> Response:
    klass, policy, counts, listed = await _class(request, principal, class_id)
    now = await get_runtime(request).now()
    errors = mistakes(request, refused)
    return render(
        request, "completion.html", refused.status if refused else 200, now=now, klass=klass, policy=policy, counts=counts,
        rows=_rows(listed, form, preset), errors=errors, failed=bool(errors),
        may_decide=klass.status == "checkin_closed" and local_day(now, policy.calendar) > klass.ends_on,
    )  # fmt: skip


def _rows(listed: Sequence[Member], form: FormData, preset: str) -> list[dict[str, Any]]:
    """Everyone who needs a decision, with what was chosen so far."""
    open_cases = [m for m in listed if m.checked_in_at and not m.completed_at and not m.dropout_cause]
    usual = "yes" if preset == "yes" else ""
    return [{"member": m, "choice": typed(form, f"p-{m.place_id}") or usual, "why": typed(form, f"why-{m.place_id}")}
            for m in open_cases]  # fmt: skip
