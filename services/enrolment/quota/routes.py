"""JSON routes of quota."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.quota import service
from services.enrolment.quota.domain import Cell
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(tags=["quota"])
PATH = "/programmes/{key}/cohorts/{cohort}/quota"


class Part(BaseModel):
    """What one child gets, as its new total."""

    unit: str
    places: int = Field(ge=0, le=1_000_000)


class PassDown(BaseModel):
    """From a unit to its children."""

    source: str = Field(alias="from")
    to: list[Part] = Field(min_length=1, max_length=5_000)


@router.post(PATH)
async def post_quota(
    key: str,
    cohort: str,
    body: PassDown,
    principal: Annotated[Principal, Depends(allow("province", "city", "county"))],
    command: AnyCommand,
) -> Response:
    """Pass quota down; 422 tells for each unit by how much it is too many or too few."""
    places = {p.unit: p.places for p in body.to}
    if len(places) != len(body.to):
        raise Problem(422, "unit-twice")
    ask = service.Ask(key=key, cohort=cohort, unit=body.source, places=places)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.pass_down(con, context, principal, ask, command.runtime.texts)

    return await command.run(work)


@router.get(PATH)
async def get_quota(
    request: Request,
    key: str,
    cohort: str,
    principal: Annotated[
        Principal, Depends(allow("province", "project_office", "city", "county", "school", "inspector"))
    ],
    unit: str | None = None,
) -> list[dict[str, Any]]:
    """The cells in reach: places, selected, passed on."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        cells = await service.overview(con, principal, key, cohort, unit)
    return [_shown(c) for c in cells]


def _shown(cell: Cell) -> dict[str, Any]:
    return {
        "cell_id": cell.cell_id,
        "unit_id": cell.unit_id,
        "unit": {"zh": cell.unit.zh, "en": cell.unit.en},
        "places": cell.places,
        "selected": cell.selected,
        "passed": cell.passed,
        "synthetic": cell.synthetic,
        "version": cell.version,
    }
