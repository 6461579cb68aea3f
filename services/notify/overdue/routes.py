"""The overdue list as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from services.notify.overdue.service import ROLES, as_json, overdue
from shared.auth import Principal, allow
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(tags=["overdue"])
Reader = Annotated[Principal, Depends(allow(*ROLES))]
Year = Annotated[str | None, Query(alias="policy")]


@router.get("/overdue.json")
async def get_overdue(request: Request, principal: Reader, policy: Year = None) -> dict[str, Any]:
    """Who owes what, since when, and when they were reminded, in the caller's scope; the longest overdue first."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        found = await overdue(con, policy or None, now)
    if found is None:
        raise Problem(404, "nothing-yet")
    return as_json(found, now)
