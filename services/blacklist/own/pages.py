"""The person's own page: what is said about me, and until when I may reply."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.blacklist.cases.domain import last_day, sign_of, stage
from services.blacklist.entries import service, store
from services.blacklist.entries.domain.appealing import appeal_until
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.entries.routes import PAGE, problem_of
from services.blacklist.record.store import record_of
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand, Command
from shared.pages import render
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
Saying = Callable[[Connection, Context, Principal, str, str], Awaitable[dict[str, Any]]]
Teacher = Annotated[Principal, Depends(allow("teacher"))]


@router.get("/me")
async def get_own(request: Request, principal: Teacher, done: str | None = None) -> HTMLResponse:
    """The person's record and entries, with the reply form while the window is open."""
    return render(request, "me.html", **await _view(request, principal), done=done, errors=[], words="")


@router.post("/me/{entry_id}/reply")
async def post_own_reply(request: Request, entry_id: str, principal: Teacher, command: AnyCommand) -> Response:
    """The reply, from the page."""
    return await _say(request, entry_id, principal, command, service.reply, "replied")


@router.post("/me/{entry_id}/appeal")
async def post_own_appeal(request: Request, entry_id: str, principal: Teacher, command: AnyCommand) -> Response:
    """The appeal, from the page."""
    return await _say(request, entry_id, principal, command, service.appeal, "appealed")


async def _say(
    request: Request, entry_id: str, principal: Principal, command: Command, say: Saying, done: str
) -> Response:
    form = await request.form()
    words = str(form.get("words", "")).strip()
    try:
        await command.perform(lambda con, context: say(con, context, principal, entry_id, words))
    except Refused as refused:
        problem = problem_of(refused, command.runtime.texts)
        view = await _view(request, principal)
        return render(request, "me.html", problem.status, **view, done=None, errors=[problem], words=words, failed=True)
    return RedirectResponse(f"/blacklist/me?done={done}", 303)


async def _view(request: Request, principal: Principal) -> dict[str, Any]:
    runtime = get_runtime(request)
    now = await runtime.now()
    people = [g.person_id for g in principal.grants if g.person_id is not None]
    async with runtime.db.read(principal) as con:
        facts = [f for person in people for f in await record_of(con, person)]
        rows = [r for person in people for r in await store.page(con, None, person, 0, PAGE)]
        details = [await store.details(con, r["entry"].entry_id) for r in rows]
    entries = [{**d, "stage": stage(d["entry"], d["confirmations"], now), "until": last_day(d["entry"], {}, now),
                "appeal_until": appeal_until(d["entry"])}
               for d in details if d is not None]  # fmt: skip
    return {
        "now": now,
        "entries": entries,
        "facts": [{**f, "state": sign_of(f)} for f in facts],
        "name": principal.name,
    }
