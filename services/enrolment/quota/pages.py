"""Pages of quota: what a unit has of each cohort, and passing it down."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, mistakes, number, typed
from services.enrolment.places.domain import window
from services.enrolment.places.service import require_cohort
from services.enrolment.pools.domain import terms
from services.enrolment.programmes.domain import cohorts
from services.enrolment.programmes.service import ISSUERS, published
from services.enrolment.programmes.store import Programme, heads
from services.enrolment.quota import service, store
from services.enrolment.quota.routes import PATH
from services.enrolment.quota.store import Given, Part
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand, Command
from shared.pages import language_of, render
from shared.policy.lookup import cohort as cohort_of
from shared.policy.lookup import project_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL
from shared.units import Unit, units_by_code

router = APIRouter(include_in_schema=False)
READERS: Final = ("province", "project_office", "city", "county", "school", "inspector")
PASSERS: Final = ("province", "city", "county")
Reader = Annotated[Principal, Depends(allow(*READERS))]
Passer = Annotated[Principal, Depends(allow(*PASSERS))]
NUMBER, SHOWN = "p-", "was-"


async def unit_in_reach(con: Connection, principal: Principal, code: str) -> Unit:
    """The unit, if the principal reaches it. Problem 404 out-of-scope."""
    unit = (await units_by_code(con, [code])).get(code)
    if unit is None:
        raise Problem(404, "out-of-scope")
    principal.require(unit.path, *READERS)
    return unit


@router.get("/quota")
async def overview_page(request: Request, principal: Reader) -> Response:
    """What one's own unit has of each cohort of each published year."""
    runtime, code = get_runtime(request), principal.own_code()
    async with runtime.db.read(principal) as con:
        unit = (await units_by_code(con, [code])).get(code)
        given = {(g.programme_id, g.cohort): g for g in await store.given(con, unit)} if unit else {}
        rows = [
            {"key": h.key, "year": h.year, "project": project.names, "cohort": cohort, "given": given.get((h.programme_id, cohort.key)), "pool": terms(cohort) is not None}
            for h in await heads(con) if h.published_at
            for project, cohort in cohorts((await published(con, h.key)).policy)
        ]  # fmt: skip
    return render(request, "quotas.html", now=await runtime.now(), unit=unit, rows=rows)


@router.get(f"{PATH}/page")
async def quota_page(
    request: Request, key: str, cohort: str, principal: Reader, unit: str = "", done: str = ""
) -> Response:
    """Where the unit's places are, and what is left."""
    return await show(request, principal, (key, cohort, unit or principal.own_code()), done=done)


@router.post(f"{PATH}/page")
async def pass_page(request: Request, key: str, cohort: str, principal: Passer, command: AnyCommand) -> Response:  # fmt: skip
    """Pass down what was typed, or (``act=check``) only say what would come of it. A refusal shows the numbers as typed."""
    form = await request.form()
    where = (key, cohort, typed(form, "unit") or principal.own_code())
    try:
        ask = _ask(form, where)
        if typed(form, "act") == "check":
            async with command.runtime.db.system() as con:
                await service.check(con, await command.context(con), principal, ask, command.runtime.texts)
            return await show(request, principal, where, form=form, done="checked")
        await command.perform(_work(principal, ask, command))
    except Problem as refused:
        if refused.code == "out-of-scope":
            raise
        return await show(request, principal, where, form=form, refused=refused)
    return back(f"/programmes/{key}/cohorts/{cohort}/quota/page?unit={where[2]}&done=passed")


def _work(principal: Principal, ask: service.Ask, command: Command) -> Any:
    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.pass_down(con, context, principal, ask, command.runtime.texts)

    return work


def _ask(form: FormData, where: tuple[str, str, str]) -> service.Ask:
    """The numbers that were changed. Problems: 422 quota-not-a-number, quota-unchanged."""
    changed = {c: text for c, text in by_unit(form, NUMBER).items() if text != typed(form, f"{SHOWN}{c}")}
    if not changed:
        raise Problem(422, "quota-unchanged")
    return service.Ask(key=where[0], cohort=where[1], unit=where[2], places=numbers(changed))


def by_unit(form: FormData, prefix: str) -> dict[str, str]:
    """What was typed for each unit, by its code."""
    return {name.removeprefix(prefix): typed(form, name) for name in form if name.startswith(prefix)}


def numbers(texts: Mapping[str, str]) -> dict[str, int]:
    """The numbers that were typed. Problem 422 quota-not-a-number for the first that is none."""
    found = {code: number(text) for code, text in texts.items()}
    for code, places in found.items():
        if places is None:
            raise Problem(422, "quota-not-a-number", value=texts[code] or "—", unit=code)
    return {code: places for code, places in found.items() if places is not None}


async def show(
    request: Request, principal: Principal, where: tuple[str, str, str], *, form: FormData | None = None,
    refused: Problem | None = None, done: str = "",
) -> Response:  # fmt: skip
    """The page of one unit's places in one cohort; ``form`` holds numbers that are not passed down yet."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        unit = await unit_in_reach(con, principal, where[2])
        programme = await published(con, where[0])
        require_cohort(programme, where[1])
        context = await _places(con, programme, where[1], unit, now.astimezone(CIVIL).date())
    parts: list[Part] = context["parts"]
    passing = (
        principal.reaches(unit.path, *PASSERS) and context["given"] is not None and unit.path != programme.issuer_path
    )
    numbers = {p.code: typed(form, NUMBER + p.code) if form else str(p.places) for p in parts}
    errors = errors_at(request, refused, parts)
    return render(
        request, "quota.html", refused.status if refused else 200, now=now, key=where[0], unit=unit, errors=errors, failed=bool(errors),
        done=done, passing=passing, numbers=numbers, sum=sum(number(n) or 0 for n in numbers.values()),
        project=project_of(programme.policy, where[1]).names, cohort=cohort_of(programme.policy, where[1]),
        span=window(programme.policy, where[1], unit.level, now), reaches_above=principal.reaches(unit.path.removesuffix(f"{unit.unit_id}/")),
        issuer=unit.path == programme.issuer_path, reaches_issuer=principal.reaches(programme.issuer_path, *ISSUERS), moves=programme.policy.quota.transfers, **context,
    )  # fmt: skip


async def _places(con: Connection, programme: Programme, cohort: str, unit: Unit, today: Any) -> dict[str, Any]:
    wanted = (programme.programme_id, cohort)
    given: Given | None = next((g for g in await store.given(con, unit) if (g.programme_id, g.cohort) == wanted), None)
    return {
        "given": given,
        "own": await store.selected_by(con, *wanted, unit.unit_id),
        "parts": await store.parts(con, *wanted, unit, today),
    }


def errors_at(request: Request, refused: Problem | None, parts: list[Part]) -> list[dict[str, Any]]:
    """A refusal as the summary takes it: each mistake leads to the number that it is about."""
    if refused is None or not refused.errors:
        field = NUMBER + str(refused.details["unit"]) if refused and refused.code == "quota-not-a-number" else None
        return mistakes(request, refused, field)
    codes = {p.unit_id: p.code for p in parts}
    lang = language_of(request)
    return [{"field": NUMBER + codes[e["unit_id"]] if e["unit_id"] in codes else "sum", "text": e[lang]} for e in refused.errors]  # fmt: skip
