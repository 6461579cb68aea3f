"""The page "what went to whom, when, why"."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from services.notify.ledger.domain import step
from services.notify.ledger.service import ROLES, overview, view
from services.notify.ledger.store import Asked
from shared.auth import Principal, allow
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/ledger")
async def get_page(
    request: Request,
    principal: Annotated[Principal, Depends(allow(*ROLES))],
    class_id: Annotated[str | None, Query(alias="class")] = None,
    person: str | None = None,
    kind: str | None = None,
) -> HTMLResponse:
    """One class or one person; without either, the classes to choose from."""
    runtime = get_runtime(request)
    now = await runtime.now()
    if not class_id and not person:
        return render(request, "ledgers.html", now=now, **await overview(runtime, principal))
    shown = await view(request, principal, Asked(class_id or None, person or None, kind or None))
    if class_id and not shown["klass"]:
        raise Problem(404, "out-of-scope")
    return render(request, "ledger.html", now=now, step=step, known_reasons=runtime.texts, **shown)
