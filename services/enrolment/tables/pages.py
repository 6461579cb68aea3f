"""The issuer's page of a quota table: what the policy states or proposes, what stands, and what is to be handed out."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, typed
from services.enrolment.quota.pages import by_unit, errors_at, numbers
from services.enrolment.quota.store import first_parts
from services.enrolment.tables import service
from services.enrolment.tables.domain import proposal
from services.enrolment.tables.routes import PATH, IssuerRole
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.policy.lookup import cohort as cohort_of
from shared.policy.lookup import project_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL

router = APIRouter(include_in_schema=False)


@router.get(f"{PATH}/page")
async def table_page(request: Request, key: str, cohort: str, principal: IssuerRole) -> Response:
    """Whom the table gives how many places."""
    return await _show(request, principal, (key, cohort))


@router.post(f"{PATH}/page")
async def hand_out_page(
    request: Request, key: str, cohort: str, principal: IssuerRole, command: AnyCommand
) -> Response:
    """Hand out what was typed, or (``act=proposed``) the policy's own numbers."""
    form = await request.form()
    where = (key, cohort)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        proposed = typed(form, "act") == "proposed"
        official = not proposed and typed(form, "official") == "yes"
        ask = service.Ask(places={} if proposed else numbers(by_unit(form, "p-")), official=official)
        return await service.hand_out(con, context, principal, where, ask, command.runtime.texts)

    refused = await command.attempt(work)
    if isinstance(refused, Problem):
        return await _show(request, principal, where, form, refused)
    return back(f"/programmes/{key}/cohorts/{cohort}/quota/page?done=passed")


async def _show(
    request: Request,
    principal: Principal,
    where: tuple[str, str],
    form: FormData | None = None,
    refused: Problem | None = None,
) -> Response:
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        seen = await service.view(con, principal, *where)
        parts = await first_parts(
            con, seen.programme.programme_id, where[1], seen.issuer, seen.members, now.astimezone(CIVIL).date()
        )
    policy = seen.programme.policy
    stated = proposal(seen.table, seen.members)
    given = sum(p.places for p in parts)
    known = {p.code: p.places if given else stated.get(p.code, 0) for p in parts}
    shown = {code: typed(form, f"p-{code}") if form else str(places) for code, places in known.items()}
    errors = errors_at(request, refused, parts)
    return render(
        request, "table.html", refused.status if refused else 200, now=now, key=where[0], cohort=cohort_of(policy, where[1]),
        project=project_of(policy, where[1]).names, table=seen.table, parts=parts, numbers=shown, stated=stated, errors=errors,
        failed=bool(errors), issuer=seen.issuer, given=given, official=typed(form, "official") == "yes" if form else given > 0 and not any(p.synthetic for p in parts),
    )  # fmt: skip
