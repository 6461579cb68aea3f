"""JSON routes of check-in day and after: code, arrival, excuse, closing, dismissal, completion."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.checkin import service, store
from services.enrolment.checkin.domain import make_token
from services.enrolment.checkin.service import Absence, Arrival
from services.enrolment.classes.routes import codes_key, working
from shared.auth import Principal, allow
from shared.http import AnyCommand
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(tags=["checkin"])
Institution = Annotated[Principal, Depends(allow("institution"))]
Approver = Annotated[Principal, Depends(allow("province", "city", "county"))]
Holder = Annotated[Principal, Depends(allow("teacher"))]
WORDS: Final = 2_000


class ArrivalBody(BaseModel):
    """A code, typed or scanned; or a place and the reason why there is no code."""

    code: str | None = Field(default=None, max_length=WORDS)
    place_id: str | None = None
    reason: str | None = Field(default=None, max_length=WORDS)


class AbsenceBody(BaseModel):
    """Why somebody can't come, and which evidence was seen."""

    reason: str
    evidence: list[str] = []
    note: str = Field(default="", max_length=WORDS)


class ClosingBody(BaseModel):
    """Whether the class took place as announced."""

    held: bool = True


class StatementBody(BaseModel):
    """What happened, in words; stays in enrolment."""

    statement: str = Field(max_length=WORDS)


class CompletionBody(BaseModel):
    """Who completed; and for everyone else who checked in, why not."""

    place_ids: list[str]
    not_completed: dict[str, str] = {}


@router.get("/places/{place_id}/checkin-code")
async def get_code(request: Request, place_id: str, principal: Holder) -> dict[str, Any]:
    """The holder's own code for typing, and the token for scanning."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        code = await store.code_of_place(con, place_id)
    if code is None or not principal.is_person(code.person_id):
        raise Problem(404, "out-of-scope")
    token = make_token(codes_key(runtime), code.class_id, place_id)
    return {"place_id": place_id, "class_id": code.class_id, "code": code.code, "token": token}


@router.post("/classes/{class_id}/checkins")
async def post_checkin(class_id: str, body: ArrivalBody, _: Institution, command: AnyCommand) -> Response:
    """Check one person in."""
    arrival = Arrival(**body.model_dump())
    return await command.run(working(command, lambda act: service.check_in(act, class_id, arrival)))


@router.post("/classes/{class_id}/checkin-closing")
async def post_closing(class_id: str, body: ClosingBody, _: Institution, command: AnyCommand) -> Response:
    """Close check-in."""
    return await command.run(working(command, lambda act: service.close(act, class_id, held=body.held)))


@router.post("/places/{place_id}/excuse")
async def post_excuse(place_id: str, body: AbsenceBody, _: Approver, command: AnyCommand) -> Response:
    """Accept an absence."""
    absence = Absence(**body.model_dump())
    return await command.run(working(command, lambda act: service.excuse(act, place_id, absence)))


@router.post("/places/{place_id}/dismissal")
async def post_dismissal(place_id: str, body: StatementBody, _: Institution, command: AnyCommand) -> Response:
    """Ask somebody to leave."""
    return await command.run(working(command, lambda act: service.dismiss(act, place_id, body.statement)))


@router.post("/classes/{class_id}/completion")
async def post_completion(class_id: str, body: CompletionBody, _: Institution, command: AnyCommand) -> Response:
    """Decide completion and end the class."""
    return await command.run(
        working(command, lambda act: service.complete(act, class_id, body.place_ids, body.not_completed))
    )
