"""The overdue list as a page."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from services.notify.overdue.routes import Reader, Year
from services.notify.overdue.service import overdue
from shared.pages import render
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
PER: int = 100


@router.get("/overdue")
async def get_page(
    request: Request, principal: Reader, policy: Year = None, page: Annotated[int, Query(ge=1)] = 1
) -> HTMLResponse:
    """Who owes what, since when, and when they were reminded."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        found = await overdue(con, policy or None, now)
    debts = found.debts if found else ()
    projects = {p.key: p.names for p in found.programme.policy.projects} if found else {}
    papers = {d.key: d.names for d in found.programme.policy.documents} if found else {}
    return render(request, "overdue.html", now=now, found=found, shown=debts[(page - 1) * PER : page * PER], total=len(debts),
                  owners=len({d.owner_id for d in debts}), page=page, per=PER, projects=projects, papers=papers)  # fmt: skip
