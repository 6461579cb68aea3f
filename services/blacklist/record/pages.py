"""The page of a person's integrity record, for officers: everything that happened, and the entries made of it (L01, L14)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from services.blacklist.cases.domain import sign_of, stage
from services.blacklist.cases.service import named, names_of
from services.blacklist.entries.routes import PAGE
from services.blacklist.entries.store import page
from services.blacklist.record.store import record_of
from shared.auth import Principal, allow
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
Officer = Annotated[Principal, Depends(allow("province", "city", "county"))]


@router.get("/people/{person}")
async def get_person(request: Request, person: str, principal: Officer) -> HTMLResponse:
    """What is on record about a person, as far as the reader's scope reaches; 404 where that is nothing."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        facts = await record_of(con, person)
        rows = await page(con, None, person, 0, PAGE)
    if not facts and not rows:
        raise Problem(404, "out-of-scope")
    names = await names_of(request, [person])
    return render(
        request,
        "record.html",
        now=now,
        name=named(names, person),
        unnamed=names is None,
        facts=[{**f, "state": sign_of(f)} for f in facts],
        entries=[{**r, "stage": stage(r["entry"], r["confirmations"], now)} for r in rows],
    )
