"""Pages of nominations: what there is to nominate and to choose, and who is nominated for one pot."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import mistakes, typed
from services.enrolment.nominations import store
from services.enrolment.nominations.routes import PATH, Reader
from services.enrolment.pools import store as pools
from services.enrolment.pools.domain import Pool, Share
from services.enrolment.pools.service import proposed
from services.enrolment.programmes.service import ISSUERS, published
from services.enrolment.programmes.store import Programme
from services.enrolment.units.store import institutions
from shared.auth import Principal
from shared.db import Connection
from shared.pages import language_of, render
from shared.policy.lookup import cohort as cohort_of
from shared.policy.lookup import project_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL
from shared.units import Unit, units_by_code, units_by_id

router = APIRouter(include_in_schema=False)
PER_PAGE: Final = 50


@router.get("/nominations")
async def overview_page(request: Request, principal: Reader) -> Response:
    """The pots of all years, and one's own part in each."""
    runtime, code = get_runtime(request), principal.own_code()
    async with runtime.db.read(principal) as con:
        unit = (await units_by_code(con, [code])).get(code)
        rows = [await _pot(con, row) for row in await store.own_pools(con, unit.path)] if unit else []
    return render(request, "nomination_pots.html", now=await runtime.now(), unit=unit, rows=rows)


async def _pot(con: Connection, row: dict[str, Any]) -> dict[str, Any]:
    programme = await published(con, row["policy_key"])
    return {
        **row,
        "year": programme.year,
        "project": project_of(programme.policy, row["cohort"]).names,
        "names": cohort_of(programme.policy, row["cohort"]).names,
    }


@router.get(f"{PATH}/page")
async def list_page(
    request: Request, key: str, pool: str, principal: Reader, done: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """Who is nominated, and what became of it; the issuer shares out here."""
    return await show(request, principal, (key, pool), done=done, page=page)


async def show(
    request: Request, principal: Principal, where: tuple[str, str], *, done: str = "", page: int = 1,
    form: FormData | None = None, refused: Problem | None = None,
) -> Response:  # fmt: skip
    """The page of one pot; ``form`` holds numbers that are not shared out yet."""
    runtime, code, lang = get_runtime(request), principal.own_code(), language_of(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        programme = await published(con, where[0])
        pool = await pool_of(con, programme, where[1])
        shares = await pools.shares_of(con, pool.pool_id)
        total, nominees = await store.listed(con, pool.pool_id, None, page, PER_PAGE)
        issuing = principal.reaches(programme.issuer_path, *ISSUERS)
        today = now.astimezone(CIVIL).date()
        receivers = await pools.receivers(con, pool.pool_id, programme.issuer_unit_id, today) if issuing else []
        unit = (await units_by_code(con, [code]))[code]
        chooser = await chooser_of(con, pool)
        known = await institutions(con, ["/"], today) if issuing else []
    spread = proposed(programme, where[1])
    errors = mistakes(request, refused, "shares")
    return render(
        request, "nominations.html", refused.status if refused else 200, now=now, key=where[0], pool=pool, unit=unit, done=done,
        cohort=cohort_of(programme.policy, where[1]), project=project_of(programme.policy, where[1]).names, total=total,
        nominees=nominees, page=page, per=PER_PAGE, issuing=issuing, receivers=receivers, chooser=chooser,
        institutions=[(code, getattr(n, lang)) for code, n in known], errors=errors,
        failed=bool(errors), own=_own(shares, unit.code), choosing=principal.reaches(pool.institution_path or "-", "institution"),
        numbers={r["code"]: _number(form, r, {} if shares else spread) for r in receivers}, shared=bool(shares), typed=form is not None,
        may_upload=principal.has("city", "county", "school"),
    )  # fmt: skip


async def pool_of(con: Connection, programme: Programme, cohort: str) -> Pool:
    """The pot of a cohort, counting what the connection sees. Problem 404 no-pool."""
    pool = await pools.find_pool(con, programme.programme_id, cohort)
    if pool is None:
        raise Problem(404, "no-pool", cohort=cohort, key=programme.key)
    return pool


async def chooser_of(con: Connection, pool: Pool) -> Unit | None:
    """The institution that chooses, if one is named."""
    return (await units_by_id(con, [pool.institution_id]))[pool.institution_id] if pool.institution_id else None


def _own(shares: list[Share], code: str) -> Share | None:
    return next((s for s in shares if s.code == code), None)


def _number(form: FormData | None, row: dict[str, Any], spread: dict[str, int]) -> str:
    if form is not None:
        return typed(form, f"s-{row['code']}")
    return str(row["nominations"] or spread.get(row["code"], 0))
