"""JSON routes of doubts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from services.notify.doubts.service import ROLES, Decision, decide, shown_doubts
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.runtime import get_runtime

router = APIRouter(tags=["doubts"])


class Settled(BaseModel):
    """What the operator found out: the message went out, or it may be sent again."""

    decision: Decision


@router.get("/doubts.json")
async def listed(request: Request, principal: Annotated[Principal, Depends(allow(*ROLES))]) -> dict[str, Any]:
    """The doubts in the caller's scope."""
    async with get_runtime(request).db.read(principal) as con:
        return {"doubts": (await shown_doubts(con))["doubts"]}


@router.post("/doubts/{attempt_id}")
async def settle(
    attempt_id: str,
    body: Settled,
    principal: Annotated[Principal, Depends(allow(*ROLES))],
    command: AnyCommand,
) -> Response:
    """Settle a doubt (409 doubt-settled if somebody already did)."""

    async def work(con: Connection, context: Context) -> Any:
        return await decide(con, context, principal, attempt_id, body.decision)

    return await command.run(work)
