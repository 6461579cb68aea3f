"""How far a year is, as JSON, in the caller's scope."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.reporting.dashboard.service import Dashboard, dashboard
from shared.auth import Principal, allow
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(tags=["dashboard"])
Reader = Annotated[
    Principal, Depends(allow("province", "project_office", "city", "county", "school", "institution", "inspector"))
]
Year = Annotated[str | None, Query(alias="policy")]


@router.get("/dashboard.json")
async def get_json(request: Request, principal: Reader, policy: Year = None) -> Response:
    """Counts, rates, classes by state, and what is late or due today."""
    found = await read(request, principal, policy)
    if found is None:
        raise Problem(404, "nothing-yet")
    return Response(
        msgspec.json.encode({**document(found), "behind": await behind(request)}), media_type="application/json"
    )


async def read(request: Request, principal: Principal, policy: str | None) -> Dashboard | None:
    """The year in the reader's scope; None as long as no year is published."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        return await dashboard(con, policy or None, now)


async def behind(request: Request) -> int:
    """How many events the figures do not contain yet."""
    consumer = get_runtime(request).consumer
    return await consumer.behind() if consumer else 0


def document(found: Dashboard) -> dict[str, Any]:
    """The JSON form; a class tells its state and whose it is, never who goes there."""
    return {
        "policy": found.programme.policy.version,
        "names": found.programme.policy.names,
        "now": found.now,
        "as_of": found.as_of,
        "counts": found.counts,
        "rates": {f.key: {"version": f.version, **rate} for f, rate in found.rates},
        "states": found.states,
        "classes": [_class(c) for c in found.classes],
        "late": found.debts,
        "ending": found.ending,
    }


def _class(held: Any) -> dict[str, Any]:
    return {"class_id": held.class_id, "names": {"zh": held.zh, "en": held.en}, "state": held.state,
            "starts_on": held.starts_on, "ends_on": held.ends_on, "institution_id": held.institution_id}  # fmt: skip
