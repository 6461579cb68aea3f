"""JSON route of moves between siblings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.quota.routes import PATH
from services.enrolment.transfers import service
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand

router = APIRouter(tags=["quota"])
Approver = Annotated[Principal, Depends(allow(*service.APPROVERS))]


class MoveBody(BaseModel):
    """So many places from one unit to another of the same superior."""

    source: str = Field(alias="from")
    to: str
    places: int = Field(ge=1, le=service.MOST)


@router.post(f"{PATH}/moves")
async def post_move(key: str, cohort: str, body: MoveBody, principal: Approver, command: AnyCommand) -> Response:
    """Move places; 422 tells how many the giver can spare. A move back undoes it."""
    ask = service.Ask(key=key, cohort=cohort, giver=body.source, taker=body.to, places=body.places)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.move(con, context, principal, ask, command.runtime.texts)

    return await command.run(work)
