"""JSON routes of lists and credentials."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.conditions import service
from services.enrolment.conditions.store import Credentials
from services.enrolment.people.store import Seal
from services.enrolment.programmes.service import ISSUERS
from services.enrolment.settings import EnrolmentSettings
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.runtime import Runtime

router = APIRouter(tags=["conditions"])
Issuer = Annotated[Principal, Depends(allow(*ISSUERS))]


class Members(BaseModel):
    """Unit codes, or ID numbers where the list is one of people."""

    members: list[Annotated[str, Field(max_length=80)]] = Field(max_length=50_000)


class Person(BaseModel):
    """What a bureau says of one person."""

    person_id: str
    roles: list[str] = Field(default=[], max_length=20)
    stages: list[str] = Field(default=[], max_length=20)
    trainer_since: date | None = None


class PersonList(BaseModel):
    """Many people at once."""

    people: list[Person] = Field(min_length=1, max_length=5_000)


@router.put("/programmes/{key}/lists/{listed}")
async def put_list(
    key: str, listed: str, body: Members, principal: Issuer, command: AnyCommand
) -> Response:  # fmt: skip
    """Replace the members of a list that the year leaves to import."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.set_list(con, context, principal, (key, listed), body.members, seal_of(command.runtime))

    return await command.run(work)


@router.post("/programmes/{key}/credentials")
async def post_credentials(
    key: str, body: PersonList, principal: Annotated[Principal, Depends(allow(*service.OFFICERS))], command: AnyCommand
) -> Response:  # fmt: skip
    """Say in which roles and stages people work, and since when they train teachers."""
    people = [Credentials(**p.model_dump()) for p in body.people]

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.set_credentials(con, context, principal, key, people)

    return await command.run(work)


def seal_of(runtime: Runtime) -> Seal:
    """The seal of ID numbers. TypeError without enrolment's settings."""
    if not isinstance(runtime.settings, EnrolmentSettings):
        raise TypeError("sealing needs enrolment's settings")
    return Seal(runtime.settings.seal_key.get_secret_value())
