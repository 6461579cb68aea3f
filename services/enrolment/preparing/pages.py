"""Forms before a class opens: schedule it, name its staff, put people on its list."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes import service, store
from services.enrolment.classes.pages import attempt, back, day_of, mistakes, number, several, typed
from services.enrolment.classes.routes import Institution
from services.enrolment.classes.service import Ask
from services.enrolment.classes.store import Staff
from services.enrolment.programmes.domain import cohorts
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.programmes.store import heads
from shared.auth import Principal
from shared.db import Connection
from shared.events import Names
from shared.http import AnyCommand
from shared.pages import language_of, render
from shared.policy.conduct import StaffRole
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
FIELD_OF = {"class-before-today": "starts-year", "class-too-short": "ends-year", "class-ends-late": "extension",
            "one-theme": "theme", "period-taken": "period", "phases-unstated": "cohort"}  # fmt: skip
WORDS = ("cohort", "name_zh", "name_en", "period", "theme", "address", "extension")


@router.get("/new-class")
async def new_form(request: Request, principal: Institution) -> Response:
    """The empty form of a new class."""
    return await _new(request, principal, FormData())


@router.post("/new-class")
async def new_class(request: Request, principal: Institution, command: AnyCommand) -> Response:
    """Schedule the class; a refusal shows the form again with what was typed."""
    form = await request.form()
    ask = _ask(form, principal.own_code("institution"))
    if ask is None:
        return await _new(request, principal, form, Problem(422, "form-incomplete"))
    done = await attempt(command, lambda act: service.schedule(act, ask))
    if isinstance(done, Problem):
        return await _new(request, principal, form, done)
    return back(f"/classes/{done['class_id']}/page?done=scheduled")


def _ask(form: FormData, institution: str) -> Ask | None:
    words = {name: typed(form, name) for name in WORDS}
    starts_on, ends_on, period = day_of(form, "starts"), day_of(form, "ends"), number(words["period"])
    needed = [words[name] for name in WORDS if name != "extension"]
    if not all(needed) or period is None or starts_on is None or ends_on is None:
        return None
    year, _, cohort = words["cohort"].partition("/")
    return Ask(programme=year, cohort=cohort, institution=institution, name=Names(words["name_zh"], words["name_en"]),
               period=min(period, 99), themes=[words["theme"]], address=words["address"],
               starts_on=starts_on, ends_on=ends_on, extension=words["extension"] or None)  # fmt: skip


async def _new(request: Request, principal: Principal, form: FormData, refused: Problem | None = None) -> Response:
    runtime, lang = get_runtime(request), language_of(request)
    async with runtime.db.read(principal) as con:
        choices = await _choices(con, lang)
    errors = mistakes(request, refused, FIELD_OF.get(refused.code) if refused else None)
    return render(
        request, "class_new.html", refused.status if refused else 200, now=await runtime.now(), errors=errors,
        failed=bool(errors), choices=choices, words={name: typed(form, name) for name in WORDS},
        days={name: [typed(form, f"{name}-{p}") for p in ("year", "month", "day")] for name in ("starts", "ends")},
    )  # fmt: skip


async def _choices(con: Connection, lang: str) -> list[tuple[str, str]]:
    """Every cohort of the published years that a class can be held for, as ``(year/cohort, words)``."""
    found: list[tuple[str, str]] = []
    for head in await heads(con):
        if head.published_at is not None:
            policy = (await published(con, head.key)).policy
            found += [(f"{head.key}/{c.key}", f"{head.year} · {getattr(p.names, lang)} · {getattr(c.names, lang)}")
                      for p, c in cohorts(policy) if c.phases]  # fmt: skip
    return found


@router.get("/classes/{class_id}/page/staff")
async def staff_form(request: Request, class_id: str, principal: Institution) -> Response:
    """Who runs the class."""
    return await _staff(request, principal, class_id, None)


@router.post("/classes/{class_id}/page/staff")
async def staff_named(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Name the staff, all of them."""
    form = await request.form()
    names = [key.removeprefix("name-") for key in form if key.startswith("name-")]
    people = [Staff(slot.rpartition("-")[0], typed(form, f"name-{slot}"), typed(form, f"phone-{slot}") or None)
              for slot in names if typed(form, f"name-{slot}")]  # fmt: skip
    done = await attempt(command, lambda act: service.name_staff(act, class_id, people))
    if isinstance(done, Problem):
        return await _staff(request, principal, class_id, done, people)
    return back(f"/classes/{class_id}/page?done=staffed")


async def _staff(
    request: Request, principal: Principal, class_id: str, refused: Problem | None, asked: Sequence[Staff] = ()
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        klass = await service.visible(con, principal, class_id)
        policy = (await policy_of(con, klass.programme_id)).policy
        known = asked or await store.staff_of(con, class_id)
    slots = [slot for role in policy.classes.staff for slot in _slots(role, known)]
    errors = mistakes(request, refused)
    return render(request, "class_staff.html", refused.status if refused else 200, now=await runtime.now(), klass=klass,
                  policy=policy, slots=slots, errors=errors, failed=bool(errors))  # fmt: skip


def _slots(role: StaffRole, known: Sequence[Staff]) -> list[dict[str, Any]]:
    """The lines of the form for one role: those who are named, and as many more as the class needs."""
    named = [s for s in known if s.role == role.role]
    missing = max((role.count.min or 0) - len(named), 0)
    people = [*named, *[Staff(role.role, "")] * missing]
    return [
        {"slot": f"{role.role}-{i}", "role": role, "name": s.name, "phone": s.phone or ""} for i, s in enumerate(people)
    ]


@router.get("/classes/{class_id}/page/places")
async def places_form(request: Request, class_id: str, principal: Institution) -> Response:
    """Who waits for a class of this cohort, by the unit that sent them."""
    return await _places(request, principal, class_id, None)


@router.post("/classes/{class_id}/page/places")
async def places_assigned(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Put everyone of the ticked units on the list."""
    units = several(await request.form(), "unit")
    done = await attempt(command, lambda act: service.assign_waiting(act, class_id, units))
    if isinstance(done, Problem):
        return await _places(request, principal, class_id, done)
    return back(f"/classes/{class_id}/page?done=assigned")


async def _places(request: Request, principal: Principal, class_id: str, refused: Problem | None) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        klass = await service.visible(con, principal, class_id)
    principal.require(klass.institution_path, "institution")
    async with runtime.db.system() as con:  # who waits is in nobody's scope yet; ids and counts only
        waiting = sorted(await store.waiting(con, klass), key=lambda w: w.unit_id)
    units = [{"unit_id": unit_id, "unit": group[0], "n": len(group)}
             for unit_id, group in ((k, list(g)) for k, g in groupby(waiting, key=lambda w: w.unit_id))]  # fmt: skip
    errors = mistakes(request, refused)
    return render(request, "class_places.html", refused.status if refused else 200, now=await runtime.now(), klass=klass,
                  units=units, total=len(waiting), errors=errors, failed=bool(errors))  # fmt: skip
