"""JSON routes of units and their contacts."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.programmes.service import refused
from services.enrolment.units import service, store
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.policy import PolicyErrors, load_units
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.units import units_by_code

router = APIRouter(tags=["units"])
Officer = Annotated[Principal, Depends(allow(*service.OFFICERS))]
PAGE = 200


class ContactBody(BaseModel):
    """Who is responsible; a mail address or a phone is needed."""

    name: str = Field(max_length=80)
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=40)


class UnitContact(ContactBody):
    """The same, with the unit's code."""

    unit: str


class Contacts(BaseModel):
    """Contacts of many units."""

    contacts: list[UnitContact] = Field(min_length=1, max_length=5_000)


@router.post("/units:import")
async def import_units(
    request: Request, principal: Annotated[Principal, Depends(allow("province"))], command: AnyCommand
) -> Response:
    """Take a units file (YAML body); what is on record already and unchanged is left alone."""
    try:
        file = await asyncio.to_thread(load_units, (await request.body()).decode())
    except PolicyErrors as errors:
        raise refused(errors.errors) from errors
    except UnicodeDecodeError as error:
        raise Problem(422, "not-utf8") from error

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.import_units(con, context, principal, file, command.runtime.texts)

    return await command.run(work)


@router.put("/units/{code}/contact")
async def put_contact(code: str, body: ContactBody, principal: Officer, command: AnyCommand) -> Response:
    """Name who is responsible in a unit."""
    ask = service.ContactAsk(unit=code, name=body.name, email=body.email, phone=body.phone)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.set_contacts(con, context, principal, [ask])

    return await command.run(work)


@router.post("/contacts")
async def post_contacts(body: Contacts, principal: Officer, command: AnyCommand) -> Response:
    """Name who is responsible in many units."""
    asks = [service.ContactAsk(unit=c.unit, name=c.name, email=c.email, phone=c.phone) for c in body.contacts]

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.set_contacts(con, context, principal, asks)

    return await command.run(work)


@router.get("/units")
async def get_units(
    request: Request, principal: Officer, under: str, page: Annotated[int, Query(ge=1)] = 1
) -> list[dict[str, Any]]:
    """One page of a unit's subtree; ``contact`` says whether somebody responsible is named."""
    async with get_runtime(request).db.read(principal) as con:
        unit = (await units_by_code(con, [under])).get(under)
        if unit is None:
            raise Problem(404, "unit-unknown", unit=under)
        principal.require(unit.path)
        return await store.under(con, unit.path, page, PAGE)
