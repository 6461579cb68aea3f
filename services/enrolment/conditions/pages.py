"""The issuer's page of lists that a year leaves to import: what is on record of each, and a box to paste the members into."""

import re
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, mistakes, typed
from services.enrolment.conditions import service, store
from services.enrolment.conditions.routes import Issuer, seal_of
from services.enrolment.programmes.service import ISSUERS, published
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
BETWEEN: Final = re.compile(r"[\s,;\u3001\uff0c\uff1b]+")


@router.get("/programmes/{key}/lists")
async def lists_page(request: Request, key: str, principal: Issuer, done: str = "") -> Response:
    """Which lists the year asks for, and which of them are there."""
    return await _show(request, principal, key, done=done)


@router.post("/programmes/{key}/lists")
async def list_page(request: Request, key: str, principal: Issuer, command: AnyCommand) -> Response:
    """Replace the members of one list; a refusal shows what was pasted."""
    form = await request.form()
    members = [word for word in BETWEEN.split(typed(form, "members")) if word]

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        seal = seal_of(command.runtime)
        return await service.set_list(con, context, principal, (key, typed(form, "list")), members, seal)

    refused = await command.attempt(work)
    if isinstance(refused, Problem):
        return await _show(request, principal, key, form, refused)
    return back(f"/programmes/{key}/lists?done=set")


async def _show(
    request: Request,
    principal: Principal,
    key: str,
    form: FormData | None = None,
    refused: Problem | None = None,
    done: str = "",
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.system() as con:  # how many, and nobody's number
        programme = await published(con, key)
        principal.require(programme.issuer_path, *ISSUERS)
        counted = await store.counted(con, programme.programme_id)
    lists = [x for x in programme.policy.lists if x.members == "imported"]
    errors = mistakes(request, refused, "members")
    return render(
        request, "lists.html", refused.status if refused else 200, now=await runtime.now(), key=key, year=programme.year,
        lists=lists, counted=counted, errors=errors, failed=bool(errors), done=done, chosen=typed(form, "list") if form else "",
        members=typed(form, "members") if form else "",
    )  # fmt: skip
