"""JSON routes of substitutions: asked for, decided."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.checkin.routes import WORDS
from services.enrolment.classes.routes import working
from services.enrolment.substitutions import service
from shared.auth import Principal, allow
from shared.http import AnyCommand

router = APIRouter(tags=["places"])
PATH: Final = "/places/{place_id}/substitution"
Sender = Annotated[Principal, Depends(allow(*service.SENDERS))]
Approver = Annotated[Principal, Depends(allow(*service.APPROVERS))]


class SubstitutionBody(BaseModel):
    """Who stands in, and why; the reason stays in enrolment."""

    substitute_id: str
    reason: str = Field(max_length=WORDS)


class SubstitutionDecisionBody(BaseModel):
    """Yes or no, and what there is to say about it."""

    approve: bool
    words: str = Field(default="", max_length=WORDS)


@router.post(PATH)
async def post_substitution(place_id: str, body: SubstitutionBody, _: Sender, command: AnyCommand) -> Response:
    """Ask the superior for a substitute."""
    return await command.run(
        working(command, lambda act: service.ask(act, place_id, body.substitute_id, body.reason)), status=201
    )


@router.post(f"{PATH}/decision")
async def post_substitution_decision(
    place_id: str, body: SubstitutionDecisionBody, _: Approver, command: AnyCommand
) -> Response:
    """Approve or refuse what was asked."""
    return await command.run(
        working(command, lambda act: service.decide(act, place_id, body.words, approve=body.approve))
    )
