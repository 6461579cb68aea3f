"""The page of exceptions to a ban that holds in principle: for one year, with reason and evidence (L07)."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.blacklist.cases.service import case_of, named, names_of
from services.blacklist.entries import service, store
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.entries.domain.overriding import Ask
from services.blacklist.entries.routes import Decider, problem_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
FIELD_OF = {"words-missing": "words", "override-evidence-missing": "evidence", "programme-unknown": "programme",
            "already-overridden": "programme"}  # fmt: skip


@router.get("/cases/{entry_id}/exception")
async def get_exception(request: Request, entry_id: str, principal: Decider) -> HTMLResponse:
    """Which years are excepted, and the form for one more."""
    return await _show(request, principal, entry_id, FormData())


@router.post("/cases/{entry_id}/exception")
async def post_exception(request: Request, entry_id: str, principal: Decider, command: AnyCommand) -> Response:
    """Except a year, once per form."""
    form = await request.form()
    evidence = [str(kind) for kind in form.getlist("evidence")]
    ask = Ask(policy_key=_text(form, "programme"), words=_text(form, "words"), evidence=evidence)
    try:
        await command.perform(lambda con, context: service.override(con, context, principal, entry_id, ask))
    except Refused as refused:
        return await _show(request, principal, entry_id, form, problem_of(refused, command.runtime.texts))
    except Problem as problem:
        if problem.code == "out-of-scope":
            raise
        return await _show(request, principal, entry_id, form, problem)
    return RedirectResponse(f"/blacklist/cases/{entry_id}?done=override", 303)


async def _show(
    request: Request, principal: Principal, entry_id: str, form: FormData, refused: Problem | None = None
) -> HTMLResponse:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        view: dict[str, Any] = await case_of(con, principal, entry_id, await runtime.now())
        programmes = await store.programmes(con)
    names = await names_of(request, [view["entry"].person_id])
    error = {"field": FIELD_OF.get(refused.code), "code": refused.code, "details": refused.details} if refused else None
    return render(
        request, "exception.html", refused.status if refused else 200, **view, programmes=programmes,
        name=named(names, view["entry"].person_id), unnamed=names is None, error=error, failed=refused is not None,
        typed={"programme": _text(form, "programme"), "words": _text(form, "words"), "evidence": form.getlist("evidence")},
    )  # fmt: skip


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
