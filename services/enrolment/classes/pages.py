"""Pages of classes: the list and one class. They call the same service as the JSON routes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData, QueryParams
from starlette.responses import RedirectResponse, Response

from services.enrolment.classes import service, store
from services.enrolment.classes.domain import Class, Paper, course, missing_staff, next_step
from services.enrolment.classes.routes import Institution, Reader, Work, working
from services.enrolment.documents.service import Obligation, obligations
from services.enrolment.programmes.service import policy_of
from services.enrolment.wording.service import sentence
from shared.auth import Principal
from shared.db import Connection
from shared.events import Names
from shared.http import AnyCommand, Command
from shared.pages import language_of, render
from shared.policy import Policy
from shared.policy.lookup import deadline
from shared.policy.lookup import project as project_of
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
PER_PAGE: Final = 50
DIGITS: Final = 6
STATUSES: Final = ("scheduled", "open", "checkin_closed", "ended", "cancelled")
Typed = FormData | QueryParams


@router.get("/classes")
async def list_page(
    request: Request, principal: Reader, status: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """Which classes there are, by first day."""
    runtime = get_runtime(request)
    paths = [g.path for g in principal.grants if g.path]
    async with runtime.db.read(principal) as con:
        total, classes = await store.listed(con, paths, status if status in STATUSES else None, page, PER_PAGE)
    return render(request, "classes.html", now=await runtime.now(), classes=classes, total=total, page=page, per=PER_PAGE,
                  chosen=status, statuses=STATUSES, mine=principal.has("institution"),
                  commissions=principal.has("province", "project_office", "city", "institution"),
                  papers=principal.has("institution", "county", "city"))  # fmt: skip


@router.get("/classes/{class_id}/page")
async def class_page(
    request: Request, class_id: str, principal: Reader, done: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """Will this class happen, who is on its list, what is owed by when."""
    return await show(request, principal, class_id, done=done, page=page)


@router.post("/classes/{class_id}/page/open")
async def open_form(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Open the class; a refusal shows the page again, with what is missing."""
    done = await attempt(command, lambda act: service.open_class(act, class_id))
    if isinstance(done, Problem):
        return await show(request, principal, class_id, refused=done)
    return back(f"/classes/{class_id}/page?done=opened")


async def show(
    request: Request,
    principal: Principal,
    class_id: str,
    *,
    done: str = "",
    page: int = 1,
    refused: Problem | None = None,
) -> Response:
    """The page of a class."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        klass = await service.visible(con, principal, class_id)
        policy = (await policy_of(con, klass.programme_id)).policy
        view = await _view(con, klass, policy, now, page)
    mine = principal.reaches(klass.institution_path, "institution")
    errors = mistakes(request, refused)
    return render(
        request, "class.html", refused.status if refused else 200, now=now, done=done, page=page, per=PER_PAGE,
        errors=errors, failed=bool(errors), mine=mine, may_excuse=may_excuse(principal, policy),
        may_replace=policy.participation.substitution is not None and klass.announced and principal.has("city", "county", "school"),
        **view,
    )  # fmt: skip


def may_excuse(principal: Principal, policy: Policy) -> bool:
    """Whether the policy lets one of the principal's roles accept absences."""
    keys = [level.key for level in policy.units.levels]
    levels = keys[: keys.index(policy.participation.accepted_by.level) + 1]
    return any(principal.acts(g.path, *levels) for g in principal.grants if g.path)


async def _view(con: Connection, klass: Class, policy: Policy, now: datetime, page: int) -> dict[str, Any]:
    owed = await obligations(con, policy, klass, now)
    announced = await store.announced_dates(con, klass.class_id)
    figures = await store.figures(con, klass.class_id)
    staffed = not missing_staff(policy, await service.named(con, klass, policy))
    urgent = [o for o in owed if o.open and o.of_class and o.standing in {"soon", "overdue"}]
    step = next_step(klass, policy, now, staffed=staffed, listed=figures.listed > 0, owes=bool(urgent))
    return {
        "klass": klass,
        "policy": policy,
        "project": project_of(policy, klass.project).names,
        "institution": await store.institution_of(con, klass),
        "figures": figures,
        "owed": owed,
        "rules": {o.document.key: deadline(policy, o.document.due).due if o.document.due else None for o in owed},
        "urgent": urgent,
        "announced": announced,
        "people": await store.people(con, klass.class_id, page, PER_PAGE),
        "staff": await store.staff_of(con, klass.class_id),
        "steps": course(klass, announced, [paper(o) for o in owed], policy, now),
        "next_step": step,
    }


def paper(owed: Obligation) -> Paper:
    """An obligation as the course of the class shows it."""
    came = owed.handed_in[0].first_submitted_at if owed.handed_in and not owed.waiting else None
    return Paper(names=Names(owed.document.names.zh, owed.document.names.en), due=owed.due, came_at=came,
                 on_time=owed.standing == "on_time", soon=owed.standing == "soon")  # fmt: skip


async def attempt(command: Command, work: Work, seen: int | None = None) -> dict[str, Any] | Problem:
    """Run a command of a class or a place for a page: its answer, or the refusal to show."""
    return await command.attempt(working(command, work, seen))


def mistakes(request: Request, refused: Problem | None, field: str | None = None) -> list[dict[str, Any]]:
    """A refusal as the error summary takes it; ``field`` is the id of the input to correct."""
    if refused is None:
        return []
    lang = language_of(request)
    if refused.errors:
        return [{"field": field, "text": e[lang]} for e in refused.errors]
    texts = get_runtime(request).texts
    return [{"field": field, "text": sentence(texts, lang, refused.code, refused.details)}]


def typed(form: Typed, name: str) -> str:
    """One value of a form; empty when it is missing or a file."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def number(text: str) -> int | None:
    """A whole number from 0 on as typed, in full-width digits too; None when it is none or has more than six digits."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


def day_of(form: Typed, name: str) -> date | None:
    """A day typed as year, month and day; None when there is no such day."""
    year, month, day = [number(typed(form, f"{name}-{part}")) for part in ("year", "month", "day")]
    if year is None or month is None or day is None:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def several(form: Typed, name: str) -> Sequence[str]:
    """All values of a name, such as those of ticks."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def version_seen(form: Typed) -> int | None:
    """The version of the class that the page showed."""
    return number(typed(form, "version"))


def back(path: str) -> RedirectResponse:
    """To a page of this service, after something was done."""
    return RedirectResponse(f"/enrolment{path}", 303)
