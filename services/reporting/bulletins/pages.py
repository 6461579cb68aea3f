"""Bulletins as pages: the list, one to read and print, what changed since, and the page before one is frozen."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.reporting.bulletins import service, store
from services.reporting.bulletins.domain.differences import printed
from services.reporting.bulletins.domain.freezing import Refused, unseal
from services.reporting.bulletins.domain.planning import plan
from services.reporting.bulletins.routes import STATUS, Issuer
from services.reporting.bulletins.service import ISSUERS, Asked, Draft
from services.reporting.league.routes import Anyone
from services.reporting.league.store import programmes, unit_by_code
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)


@router.get("/bulletins")
async def get_list(request: Request, principal: Anyone) -> HTMLResponse:
    """What was published, and for whom it applies: what may be frozen."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        bulletins, years = await store.listed(con), await programmes(con)
    frozen = {b["policy_key"] for b in bulletins}
    mine = [y for y in years if principal.reaches(y.issuer_path, *ISSUERS) and y.key not in frozen]
    names = {y.key: y.policy.names for y in years}
    plans = {y.key: plan(y.policy) for y in years}
    return render(
        request, "bulletins.html", now=await runtime.now(), bulletins=bulletins, mine=mine, names=names, plans=plans
    )


@router.get("/bulletins/new")
async def get_draft(request: Request, principal: Issuer, policy: str, restates: str | None = None) -> HTMLResponse:
    """Everything that would be frozen and what follows from it; nothing is written yet."""
    view = await _draft(request, principal, policy)
    return render(request, "bulletin_check.html", **view, restates=restates, reason="", errors=[])


@router.post("/bulletins/new")
async def post_draft(
    request: Request, principal: Issuer, command: AnyCommand, policy: Annotated[str, Form()],
    restates: Annotated[str, Form()] = "", reason: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:  # fmt: skip
    """Freeze, once per form."""
    asked = Asked(policy, restates or None, reason)
    try:
        answer, _ = await command.perform(
            lambda con, context: service.freeze(command.runtime, con, context, principal, asked), 201
        )
    except Refused as refused:
        view = await _draft(request, principal, policy)
        errors = [
            {
                "field": "reason" if refused.code == "reason-missing" else None,
                "code": refused.code,
                "details": refused.details,
            }
        ]
        return render(request, "bulletin_check.html", STATUS.get(refused.code, 409), **view, restates=asked.restates,
                      reason=reason, errors=errors, failed=True)  # fmt: skip
    return RedirectResponse(f"/reporting/bulletins/{service.id_of(answer)}?done=1", 303)


@router.get("/bulletins/{bulletin_id}")
async def get_bulletin(request: Request, bulletin_id: str, principal: Anyone, done: str | None = None) -> HTMLResponse:
    """One bulletin as it was frozen, for reading and for paper."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        found = await service.sealed(con, bulletin_id)
        names = {y.key: y.policy.names for y in await programmes(con)}
    frozen = unseal(found.content)
    return render(request, "bulletin.html", now=await runtime.now(), bulletin=frozen, sealed=found, printed=printed, done=done,
                  may_restate=principal.reaches(found.issuer_path, *ISSUERS) and found.restated_by is None,
                  programme=names[frozen.policy.partition("@")[0]])  # fmt: skip


@router.get("/bulletins/{bulletin_id}/changes")
async def get_changes(request: Request, bulletin_id: str, _: Anyone) -> HTMLResponse:
    """What differs between the frozen tables and today's figures."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        frozen, at, found = await service.compared(con, bulletin_id)
    tables = list(zip(frozen.sheets, found, strict=True))
    return render(request, "changes.html", now=await runtime.now(), bulletin=frozen, at=at, tables=tables,
                  total=sum(len(d.changes) for d in found))  # fmt: skip


async def _draft(request: Request, principal: Principal, policy: str) -> dict[str, Any]:
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        drawn: Draft = await service.draft(con, policy)
        publisher = await unit_by_code(con, drawn.plan.published_by)
    if not principal.reaches(drawn.programme.issuer_path, *ISSUERS):
        raise Problem(404, "out-of-scope")
    behind = await runtime.consumer.behind() if runtime.consumer else 0
    return {"draft": drawn, "publisher": publisher, "now": await runtime.now(), "behind": behind}
