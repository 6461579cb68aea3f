"""JSON routes of classes: schedule, staff, list, open, move, cancel, and one class with what it owes."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from services.enrolment.checkin.store import counts as count_places
from services.enrolment.classes import service
from services.enrolment.classes.domain import Move
from services.enrolment.classes.service import Act, Ask
from services.enrolment.classes.store import Staff
from services.enrolment.documents.service import obligations
from services.enrolment.programmes.service import policy_of
from services.enrolment.settings import EnrolmentSettings
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.events import Names
from shared.http import AnyCommand, Command
from shared.runtime import Runtime, get_runtime

router = APIRouter(tags=["classes"])
READERS: Final = ("province", "project_office", "city", "county", "school", "institution", "teacher")
Institution = Annotated[Principal, Depends(allow("institution"))]
Reader = Annotated[Principal, Depends(allow(*READERS))]
Work = Callable[[Act], Awaitable[dict[str, Any]]]
MAX_PLACES: Final = 2_000
SHORT, LONG = 100, 400


class NamesBody(BaseModel):
    """A display name in both languages."""

    zh: str = Field(min_length=1, max_length=SHORT)
    en: str = Field(min_length=1, max_length=SHORT)


class ClassBody(BaseModel):
    """A class to schedule; without check-in hours the policy's apply, ``institution`` is the caller's own by default."""

    programme: str
    cohort: str
    institution: str | None = None
    name: NamesBody
    period: int = Field(ge=1, le=99)
    theme: str = Field(min_length=1, max_length=LONG)
    address: str = Field(min_length=1, max_length=LONG)
    starts_on: date
    ends_on: date
    checkin_opens_at: AwareDatetime | None = None
    checkin_closes_at: AwareDatetime | None = None
    extension: str | None = Field(default=None, max_length=LONG)


class StaffMember(BaseModel):
    """Somebody who runs the class; stays in enrolment."""

    role: str
    name: str = Field(min_length=1, max_length=SHORT)
    phone: str | None = Field(default=None, max_length=SHORT)


class StaffBody(BaseModel):
    """Everyone who runs the class."""

    staff: list[StaffMember] = Field(min_length=1, max_length=20)


class PlacesBody(BaseModel):
    """Places for the class list."""

    place_ids: list[str] = Field(min_length=1, max_length=MAX_PLACES)


class MoveBody(BaseModel):
    """New dates, hours, a new address, and why; what is left out keeps its span, hours or address."""

    cause: str
    starts_on: date | None = None
    ends_on: date | None = None
    address: str | None = Field(default=None, min_length=1, max_length=LONG)
    checkin_opens_at: AwareDatetime | None = None
    checkin_closes_at: AwareDatetime | None = None
    extension: str | None = Field(default=None, max_length=LONG)


class CauseBody(BaseModel):
    """Why a class is called off; a key of the policy's causes."""

    cause: str


def codes_key(runtime: Runtime) -> bytes:
    """The key of the check-in codes, made from the seal key so that there is one secret to keep."""
    settings = runtime.settings
    if not isinstance(settings, EnrolmentSettings):
        raise TypeError("enrolment runs with other settings than its own")
    return hmac.digest(settings.seal_key.get_secret_value().encode(), b"check-in codes", hashlib.sha256)


def working(
    command: Command, work: Work, seen: int | None = None
) -> Callable[[Connection, Context], Awaitable[dict[str, Any]]]:
    """A command's work as its service wants it: with who acts, the words for refusals, and the version they saw."""

    async def run(con: Connection, context: Context) -> dict[str, Any]:
        runtime = command.runtime
        act = Act(con, context, command.principal, runtime.texts, codes_key(runtime), seen or command.if_match)
        return await work(act)

    return run


@router.post("/classes")
async def post_class(body: ClassBody, principal: Institution, command: AnyCommand) -> Response:
    """Schedule a class."""
    ask = Ask(**body.model_dump(exclude={"institution", "name", "theme"}), name=Names(**body.name.model_dump()),
              themes=[body.theme], institution=body.institution or principal.own_code("institution"))  # fmt: skip
    return await command.run(working(command, lambda act: service.schedule(act, ask)), status=201)


@router.post("/classes/{class_id}/staff")
async def post_staff(class_id: str, body: StaffBody, _: Institution, command: AnyCommand) -> Response:
    """Name the staff, all of them."""
    staff = [Staff(**member.model_dump()) for member in body.staff]
    return await command.run(working(command, lambda act: service.name_staff(act, class_id, staff)))


@router.post("/classes/{class_id}/places")
async def post_places(class_id: str, body: PlacesBody, _: Institution, command: AnyCommand) -> Response:
    """Put places on the list."""
    return await command.run(working(command, lambda act: service.assign(act, class_id, body.place_ids)))


@router.post("/classes/{class_id}/open")
async def post_open(class_id: str, _: Institution, command: AnyCommand) -> Response:
    """Open the class."""
    return await command.run(working(command, lambda act: service.open_class(act, class_id)))


@router.post("/classes/{class_id}/move")
async def post_move(class_id: str, body: MoveBody, _: Institution, command: AnyCommand) -> Response:
    """Move the class."""
    asked = Move(**body.model_dump())
    return await command.run(working(command, lambda act: service.move(act, class_id, asked)))


@router.post("/classes/{class_id}/cancel")
async def post_cancel(class_id: str, body: CauseBody, _: Institution, command: AnyCommand) -> Response:
    """Call the class off."""
    return await command.run(working(command, lambda act: service.cancel(act, class_id, body.cause)))


@router.get("/classes/{class_id}")
async def get_class(request: Request, class_id: str, principal: Reader) -> Response:
    """One class: dates, how its list stands, and what its institution owes for it by when."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        klass = await service.visible(con, principal, class_id)
        policy = (await policy_of(con, klass.programme_id)).policy
        owed = await obligations(con, policy, klass, now)
        counts = await count_places(con, class_id)
    documents = [{"document": o.document.key, "due": o.due, "standing": o.standing, "submitted": len(o.handed_in),
                  "on_time": all(s.on_time for s in o.handed_in) if o.handed_in else None} for o in owed]  # fmt: skip
    body = {**msgspec.to_builtins(klass), "counts": counts, "documents": documents}
    return Response(msgspec.json.encode(body), headers={"etag": f'"{klass.version}"'}, media_type="application/json")
