"""Pages of ban entries for officers: the list, one case, check and confirm. They call the same service as the JSON routes."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.blacklist.cases.domain import OPEN, may_decide, stage
from services.blacklist.cases.service import case_of, named, names_of
from services.blacklist.entries import service, store
from services.blacklist.entries.domain.calendar import DAY
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.entries.routes import PAGE, Decider, problem_of
from shared.auth import Principal, allow
from shared.http import AnyCommand
from shared.pages import render
from shared.runtime import Runtime, get_runtime

router = APIRouter(include_in_schema=False)
Officer = Annotated[Principal, Depends(allow("province", "city", "county"))]
DECISIONS: Final = {"confirm": service.confirm, "quash": service.quash, "uphold": service.uphold, "lift": service.lift}
IN_FAVOUR: Final = frozenset({"quash", "lift"})  # what helps the person needs no tick
SHOWN: Final = {"open": [*OPEN, "appealed"], "banned": ["confirmed"]}


@router.get("/")
async def get_list(
    request: Request, principal: Officer, show: str = "open", page: Annotated[int, Query(ge=1)] = 1
) -> HTMLResponse:
    """The cases that wait for a decision, those with a ban, or all of them."""
    runtime = get_runtime(request)
    now, states = await runtime.now(), SHOWN.get(show)
    async with runtime.db.read(principal) as con:
        total = await store.count(con, states, None)
        rows = await store.page(con, states, None, (page - 1) * PAGE, PAGE)
        settled = await store.count(con, None, None) - total if show == "open" else 0
        mine = await store.count_ready(con, now, principal.subject) if principal.has("province") else 0
    names = await names_of(request, [r["entry"].person_id for r in rows])
    cases = [_listed(r, names, now) for r in rows]
    return render(request, "cases.html", now=now, cases=cases, total=total, page=page, per=PAGE, show=show, mine=mine,
                  settled=settled, unnamed=names is None)  # fmt: skip


@router.get("/cases/{entry_id}")
async def get_case(request: Request, entry_id: str, principal: Officer, done: str | None = None) -> HTMLResponse:
    """One case: evidence, reply, what happened, what would follow."""
    return render(request, "case.html", **await _view(request, principal, entry_id), done=done)


@router.post("/cases/{entry_id}/check")
async def post_check(request: Request, entry_id: str, principal: Decider) -> HTMLResponse:
    """All consequences on one page before the act; nothing is written yet."""
    view = {**await _view(request, principal, entry_id), **_typed(await request.form())}
    errors = [_error("decision", "case.error_decision")] if view["chosen"] not in DECISIONS else []
    errors += [] if view["reason"] else [_error("words", "case.error_words")]
    if not errors:
        errors = _obstacles(get_runtime(request), view, principal)
    if errors:
        return render(request, "case.html", 422, **{**view, "errors": errors}, done=None, failed=True)
    return render(request, "case_check.html", **view)


@router.post("/cases/{entry_id}/decide")
async def post_decision(request: Request, entry_id: str, principal: Decider, command: AnyCommand) -> Response:
    """Confirm or quash, once per form."""
    form = await request.form()
    typed = _typed(form)
    errors, status = [_error("seen", "case.error_seen")], 422
    decide = DECISIONS.get(typed["chosen"])
    if decide is not None and (typed["seen"] or typed["chosen"] in IN_FAVOUR):
        try:
            await command.perform(lambda con, context: decide(con, context, principal, entry_id, typed["reason"]))
            return RedirectResponse(f"/blacklist/cases/{entry_id}?done={typed['chosen']}", 303)
        except Refused as refused:
            errors, status = [_refusal(refused, command.runtime)], 409
    view = {**await _view(request, principal, entry_id), **typed, "errors": errors}
    return render(request, "case_check.html", status, **view, failed=True)


async def _view(request: Request, principal: Principal, entry_id: str) -> dict[str, Any]:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        view = await case_of(con, principal, entry_id, await runtime.now())
    names = await names_of(request, [view["entry"].person_id])
    return {**view, "name": named(names, view["entry"].person_id), "unnamed": names is None, "errors": [], "chosen": None,
            "reason": "", "seen": ""}  # fmt: skip


def _listed(row: Mapping[str, Any], names: Any, now: Any) -> dict[str, Any]:
    entry = row["entry"]
    until = entry.ranges[0].ends_before - DAY if entry.ranges and entry.state in {"confirmed", "lifted"} else None
    return {
        **row,
        "stage": stage(entry, row["confirmations"], now),
        "name": named(names, entry.person_id),
        "until": until,
    }


def _typed(form: FormData) -> dict[str, str]:
    return {"chosen": _text(form, "decision"), "reason": _text(form, "words"), "seen": _text(form, "seen")}


def _obstacles(runtime: Runtime, view: Mapping[str, Any], principal: Principal) -> list[dict[str, Any]]:
    try:
        may_decide(view["chosen"], view["entry"], view["given"], principal.subject, view["now"])
    except Refused as refused:
        return [_refusal(refused, runtime)]
    return []


def _refusal(refused: Refused, runtime: Runtime) -> dict[str, Any]:
    return _error("", f"problems.{refused.code}.detail", problem_of(refused, runtime.texts).details)


def _error(field: str, key: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"field": field, "key": key, "details": details or {}}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
