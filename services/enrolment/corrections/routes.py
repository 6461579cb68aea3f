"""JSON route of corrections."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.checkin.routes import WORDS, Institution
from services.enrolment.classes.routes import working
from services.enrolment.corrections import service
from shared.http import AnyCommand

router = APIRouter(tags=["checkin"])


class CorrectionBody(BaseModel):
    """What was wrong, in words that stay in enrolment; ``completed`` counts when the class is over."""

    reason: str = Field(max_length=WORDS)
    completed: bool = False


@router.post("/places/{place_id}/correction")
async def post_correction(place_id: str, body: CorrectionBody, _: Institution, command: AnyCommand) -> Response:
    """Take back a no-show, a dismissal or a failure to complete that was recorded by mistake."""
    return await command.run(
        working(command, lambda act: service.correct(act, place_id, body.reason, completed=body.completed))
    )
