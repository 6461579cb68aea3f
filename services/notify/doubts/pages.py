"""The page of doubts: calls of which nobody knows whether the message went out, and what an operator says of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.notify.doubts.service import ROLES, Decision, decide, shown_doubts
from services.notify.ledger.domain import step
from services.notify.ledger.service import names_of
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
Operator = Annotated[Principal, Depends(allow(*ROLES))]


@router.get("/doubts")
async def get_doubts(request: Request, principal: Operator, done: str | None = None) -> HTMLResponse:
    """What is in doubt in the viewer's scope."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        found = await shown_doubts(con)
    people = await names_of(request, sorted({d["person_id"] for d in found["doubts"] if d["person_id"]}))
    return render(request, "doubts.html", now=await runtime.now(), done=done, people=people, step=step,
                  known_reasons=runtime.texts, **found)  # fmt: skip


@router.post("/doubts/{attempt_id}/settle")
async def post_decision(
    attempt_id: str,
    principal: Operator,
    command: AnyCommand,
    decision: Annotated[Decision, Form()],
) -> Response:
    """Settle one doubt from the page's form."""

    async def work(con: Connection, context: Context) -> dict[str, str]:
        return await decide(con, context, principal, attempt_id, decision)

    await command.perform(work)
    return RedirectResponse(f"/notify/doubts?done={decision}", 303)
