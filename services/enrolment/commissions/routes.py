"""JSON routes of commissions: give a project out, take it back, those of a year."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.classes.routes import working
from services.enrolment.commissions import service
from shared.auth import Principal, allow
from shared.http import AnyCommand
from shared.runtime import get_runtime

router = APIRouter(tags=["commissions"])
Giver = Annotated[Principal, Depends(allow(*service.WRITERS))]
Reader = Annotated[Principal, Depends(allow(*service.READERS))]
MOST = 500


class CommissionBody(BaseModel):
    """A project of a year, and the codes of the institutions that carry it from now on."""

    programme: str
    project: str
    institutions: list[str] = Field(min_length=1, max_length=MOST)


class ReleaseBody(BaseModel):
    """Why an institution carries the project no more."""

    reason: str = Field(max_length=500)


@router.post("/commissions")
async def post_commissions(body: CommissionBody, _: Giver, command: AnyCommand) -> Response:
    """Give a project to institutions."""
    ask = service.Ask(key=body.programme, project=body.project, institutions=body.institutions)
    return await command.run(working(command, lambda act: service.commission(act, ask)), status=201)


@router.post("/commissions/{commission_id}/release")
async def post_release(commission_id: str, body: ReleaseBody, _: Giver, command: AnyCommand) -> Response:
    """Take a project back."""
    return await command.run(working(command, lambda act: service.release(act, commission_id, body.reason)))


@router.get("/programmes/{key}/commissions")
async def get_commissions(request: Request, key: str, principal: Reader) -> dict[str, Any]:
    """Who carries what in a year, as far as the caller reaches."""
    async with get_runtime(request).db.read(principal) as con:
        found = await service.of_year(con, principal, key)
    return {"commissions": [{**c, "names": {"zh": c["names"].zh, "en": c["names"].en}} for c in found]}
