"""The issuer's forms about a pot: they stand on the page of its nominees and come back there."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.enrolment.classes.pages import back, typed
from services.enrolment.nominations.pages import show
from services.enrolment.pools import service
from services.enrolment.pools.routes import PATH, Issuer
from services.enrolment.quota.pages import by_unit, numbers
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.problems import Problem

router = APIRouter(include_in_schema=False)
NUMBER = "s-"


@router.post(f"{PATH}/shares/page")
async def share_page(request: Request, key: str, pool: str, principal: Issuer, command: AnyCommand) -> Response:
    """Share out what was typed, or (``act=proposed``) what the policy spreads."""
    form = await request.form()
    where = (key, pool)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        proposed = typed(form, "act") == "proposed"
        official = not proposed and typed(form, "official") == "yes"
        ask = service.Ask(shares={} if proposed else numbers(by_unit(form, NUMBER)), official=official)
        return await service.share_out(con, context, principal, where, ask, command.runtime.texts)

    done = await command.attempt(work)
    if isinstance(done, Problem):
        return await show(request, principal, where, form=form, refused=done)
    return back(f"/programmes/{key}/pools/{pool}/nominations/page?done=shared")


@router.post(f"{PATH}/institution/page")
async def institution_page(request: Request, key: str, pool: str, principal: Issuer, command: AnyCommand) -> Response:
    """Name who chooses."""
    form = await request.form()
    where = (key, pool)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.assign(con, context, principal, where, typed(form, "institution"), command.runtime.texts)

    done = await command.attempt(work)
    if isinstance(done, Problem):
        return await show(request, principal, where, form=None, refused=done)
    return back(f"/programmes/{key}/pools/{pool}/nominations/page?done=assigned")
