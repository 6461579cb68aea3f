"""JSON routes of people: contacts for notify, names for pages, and the people of a unit."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.enrolment.people import store
from shared.auth import Principal, allow
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.units import units_by_code

router = APIRouter(tags=["people"])
AT_ONCE = 5_000
PAGE = 50


class WhoToReach(BaseModel):
    """Ids of people, of units, and of classes (whose staff is asked for)."""

    people: list[str] = Field(default=[], max_length=AT_ONCE)
    units: list[str] = Field(default=[], max_length=AT_ONCE)
    classes: list[str] = Field(default=[], max_length=AT_ONCE)


class WhoseName(BaseModel):
    """Ids of people."""

    ids: list[str] = Field(max_length=AT_ONCE)


@router.post("/contacts/query")
async def query_contacts(
    request: Request, body: WhoToReach, _: Annotated[Principal, Depends(allow("service"))]
) -> dict[str, Any]:
    """Names, phones and addresses, for the service that sends messages; unknown ids are absent."""
    async with get_runtime(request).db.system() as con:
        return dict(await store.contacts(con, body.people, body.units, body.classes))


@router.post("/people/names")
async def query_names(
    request: Request, body: WhoseName, principal: Annotated[Principal, Depends(allow())]
) -> dict[str, Any]:
    """Names of the people whom the caller may see; the others are absent."""
    async with get_runtime(request).db.read(principal) as con:
        return {"names": await store.names(con, body.ids)}


@router.get("/people")
async def get_people(
    request: Request,
    unit: str,
    principal: Annotated[Principal, Depends(allow("province", "city", "county", "school"))],
    page: Annotated[int, Query(ge=1)] = 1,
) -> dict[str, Any]:
    """One page of the people of a unit and what hangs under it."""
    async with get_runtime(request).db.read(principal) as con:
        found = (await units_by_code(con, [unit])).get(unit)
        if found is None:
            raise Problem(404, "unit-unknown", unit=unit)
        principal.require(found.path)
        total, people = await store.listed(con, found.path, page, PAGE)
    return {"total": total, "page": page, "people": people}
