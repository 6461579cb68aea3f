"""One unit over the years, as small drawings with their numbers."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from services.reporting.league.routes import Anyone
from services.reporting.trends.domain import plot
from services.reporting.trends.routes import point
from services.reporting.trends.service import view
from shared.pages import render
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)


@router.get("/trends/{code}")
async def get_trends(request: Request, code: str, _: Anyone) -> HTMLResponse:
    """Whether a unit does better than the year before, and whether the difference is real."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        found = await view(con, code)
    return render(request, "trends.html", now=await runtime.now(), unit=found.unit, years=found.years, as_of=found.as_of,
                  trends=[(t, plot(t), [point(p) for p in t.points]) for t in found.trends])  # fmt: skip
