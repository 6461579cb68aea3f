"""JSON route of signed lists."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.classes.routes import Institution, working
from services.enrolment.signedlists import service
from shared.http import AnyCommand

router = APIRouter(tags=["checkin"])


class SignedList(BaseModel):
    """Who signed, and why no code was read: no power, no network."""

    place_ids: Annotated[list[str], Field(min_length=1, max_length=1_000)]
    reason: str = Field(min_length=1, max_length=2_000)


@router.post("/classes/{class_id}/signed-list")
async def post_signed_list(class_id: str, body: SignedList, _: Institution, command: AnyCommand) -> Response:
    """Check in everyone who signed; each one is either checked in or refused with what to do about it."""
    return await command.run(working(command, lambda act: service.check_in(act, class_id, body.place_ids, body.reason)))
