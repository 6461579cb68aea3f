"""The page that moves by itself while a year goes on."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from services.reporting.dashboard.domain import gaps
from services.reporting.dashboard.routes import Reader, Year, behind, read
from shared.pages import render
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
SECONDS = 3
MOST = 20  # classes on the page; all of them are in the JSON
FIRST = ("opened", "closed", "scheduled", "ended", "cancelled")


@router.get("/dashboard")
async def get_dashboard(request: Request, principal: Reader, policy: Year = None) -> HTMLResponse:
    """How far the year is in the reader's scope and what is late; a script renews the figures, a link does without it."""
    found = await read(request, principal, policy)
    if found is None:
        return render(request, "dashboard_none.html", now=await get_runtime(request).now())
    documents = {d.key: d.names for d in found.programme.policy.documents}
    return render(request, "dashboard.html", now=found.now, d=found, behind=await behind(request), documents=documents,
                  classes={c.class_id: c for c in found.classes}, seconds=SECONDS, gaps=gaps(found.debts),
                  shown=sorted(found.classes, key=lambda c: FIRST.index(c.state))[:MOST])  # fmt: skip
