"""JSON route of choices."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.choices import service
from services.enrolment.wording.service import said
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand

router = APIRouter(tags=["pools"])
PATH = "/programmes/{key}/pools/{pool}/choices"
Chooser = Annotated[Principal, Depends(allow("institution", "province", "city"))]


class Choice(BaseModel):
    """Whom to choose, in this order, and whom not, each with a reason that the nominating unit reads."""

    chosen: list[str] = Field(default=[], max_length=10_000)
    refused: dict[str, Annotated[str, Field(max_length=500)]] = Field(default={}, max_length=10_000)


@router.post(PATH)
async def post_choices(key: str, pool: str, body: Choice, principal: Chooser, command: AnyCommand) -> Response:
    """Choose from the nominees; once the pot is full, each further one is refused with its numbers."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        done = await service.choose(con, context, principal, (key, pool), body.chosen, body.refused)
        return {
            "chosen": [{"nomination_id": e.nomination_id, "place_id": e.place_id} for e in done.chosen],
            "not_chosen": [e.nomination_id for e in done.passed],
            "refused": [
                {"nomination_id": r.key, **r.vars, **said(command.runtime.texts, r.code, r.vars)} for r in done.refusals
            ],
            "left": done.pool.places - done.pool.chosen - len(done.chosen),
        }

    return await command.run(work)
