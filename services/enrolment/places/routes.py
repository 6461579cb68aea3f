"""JSON routes of places: selection, registration, lists."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.conditions.service import attest
from services.enrolment.places import service, store
from services.enrolment.places.domain import Decision, Refusal
from services.enrolment.wording.service import problem, said
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import Texts
from shared.units import units_by_code

router = APIRouter(tags=["places"])
PAGE = 50
Selecting = Annotated[Principal, Depends(allow("city", "county", "school"))]
Registering = Annotated[Principal, Depends(allow("teacher", "school"))]


class People(BaseModel):
    """Whom to select, in this order, and why conditions "in principle" are passed for some.

    ``attested`` are statements of the cohort's conditions that the officer gives about all of them, by name and time.
    """

    person_ids: list[str] = Field(min_length=1, max_length=10_000)
    overrides: dict[str, Annotated[str, Field(min_length=2, max_length=500)]] = {}
    attested: list[str] = Field(default=[], max_length=20)


class PlaceIds(BaseModel):
    """Places of one school."""

    place_ids: list[str] = Field(min_length=1, max_length=1_000)


@router.post("/programmes/{key}/cohorts/{cohort}/selections")
async def post_selections(key: str, cohort: str, body: People, principal: Selecting, command: AnyCommand) -> Response:
    """Select people; each one is either selected or refused with what to do about it."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        ask = await service.asked(con, context, principal, (key, cohort), (body.person_ids, body.overrides))
        await attest(con, context, principal.name, ask.programme, cohort, body.person_ids, body.attested)
        return _selection(await service.select(con, context, ask), command.runtime.texts)

    return await command.run(work)


def _selection(decision: Decision, texts: Texts) -> dict[str, Any]:
    return {
        "selected": [{"person_id": e.person_id, "place_id": e.place_id} for e in decision.events],
        "refused": [{"person_id": r.key, **r.vars, **said(texts, r.code, r.vars)} for r in decision.refusals],
    }


@router.post("/places/{place_id}/registration")
async def post_registration(place_id: str, principal: Registering, command: AnyCommand) -> Response:
    """Register one place: the teacher its own, the school those of its teachers."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        places, decision = await service.register(con, context, principal, [place_id])
        if decision.refusals:
            refusal = decision.refusals[0]
            raise problem(command.runtime.texts, 409, refusal.code, refusal.vars)
        place = places[place_id]
        return {"place_id": place_id, "status": place.status, "version": place.version}

    return await command.run(work)


@router.post("/registrations")
async def post_registrations(body: PlaceIds, principal: Registering, command: AnyCommand) -> Response:
    """Register many places at once."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        _, decision = await service.register(con, context, principal, body.place_ids)
        refused = [_refused(r, command.runtime.texts) for r in decision.refusals]
        return {"registered": [e.place_id for e in decision.events], "refused": refused}

    return await command.run(work)


def _refused(refusal: Refusal, texts: Texts) -> dict[str, Any]:
    return {"place_id": refusal.key, **said(texts, refusal.code, refusal.vars)}


@router.get("/places")
async def get_places(
    request: Request,
    principal: Annotated[Principal, Depends(allow())],
    programme: str | None = None,
    cohort: str | None = None,
    unit: str | None = None,
    class_id: str | None = None,
    person_id: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> dict[str, Any]:
    """One page of the places that the caller may see."""
    async with get_runtime(request).db.read(principal) as con:
        units = await units_by_code(con, [unit]) if unit else {}
        if unit and unit not in units:
            raise Problem(404, "unit-unknown", unit=unit)
        path = units[unit].path if unit else None
        wanted = store.Wanted(policy_key=programme, cohort=cohort, path=path, class_id=class_id, person_id=person_id)
        total, places = await store.listed(con, wanted, page, PAGE)
    return {"total": total, "page": page, "places": places}


@router.get("/places/{place_id}")
async def get_place(
    request: Request, place_id: str, principal: Annotated[Principal, Depends(allow())]
) -> dict[str, Any]:
    """One place, if the caller may see it."""
    async with get_runtime(request).db.read(principal) as con:
        _, places = await store.listed(con, store.Wanted(place_id=place_id), 1, 1)
    if not places:
        raise Problem(404, "out-of-scope")
    return places[0]
