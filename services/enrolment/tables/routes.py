"""JSON route of quota tables."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.programmes.service import ISSUERS
from services.enrolment.tables import service
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand

router = APIRouter(tags=["quota"])
PATH: Final = "/programmes/{key}/cohorts/{cohort}/table"
IssuerRole = Annotated[Principal, Depends(allow(*ISSUERS))]


class Places(BaseModel):
    """New totals by unit code; nothing means the policy's own numbers.

    Where the policy's spread is invented, what is handed out stays marked so until somebody says that the numbers are
    those of the ``official`` table.
    """

    places: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(default={}, max_length=5_000)
    official: bool = False


@router.post(PATH)
async def post_table(key: str, cohort: str, body: Places, principal: IssuerRole, command: AnyCommand) -> Response:
    """Hand out the cohort's table to the first units; 422 tells for each unit by how much it is wrong."""
    ask = service.Ask(places=body.places, official=body.official)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.hand_out(con, context, principal, (key, cohort), ask, command.runtime.texts)

    return await command.run(work)
