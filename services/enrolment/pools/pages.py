"""The issuer's forms about a pot: they stand on the page of its nominees and come back there."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, typed
from services.enrolment.nominations.pages import show
from services.enrolment.pools import service
from services.enrolment.pools.routes import PATH, AnyCommand, Issuer
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import Command
from shared.problems import Problem

router = APIRouter(include_in_schema=False)
NUMBER = "s-"


@router.post(f"{PATH}/shares/page")
async def share_page(request: Request, key: str, pool: str, principal: Issuer, command: AnyCommand) -> Response:
    """Share out what was typed, or (``act=proposed``) what the policy spreads."""
    form = await request.form()
    where = (key, pool)
    try:
        proposed = typed(form, "act") == "proposed"
        official = not proposed and typed(form, "official") == "yes"
        ask = service.Ask(shares={} if proposed else numbers(form, NUMBER), official=official)

        async def work(con: Connection, context: Context) -> dict[str, Any]:
            return await service.share_out(con, context, principal, where, ask, command.runtime.texts)

        await command.perform(work)
    except Problem as refused:
        return await _again(request, principal, where, form, refused)
    return back(f"/programmes/{key}/pools/{pool}/nominations/page?done=shared")


@router.post(f"{PATH}/institution/page")
async def institution_page(request: Request, key: str, pool: str, principal: Issuer, command: AnyCommand) -> Response:
    """Name who chooses."""
    form = await request.form()
    refused = await _assign(command, principal, (key, pool), typed(form, "institution"))
    if refused:
        return await _again(request, principal, (key, pool), None, refused)
    return back(f"/programmes/{key}/pools/{pool}/nominations/page?done=assigned")


async def _assign(command: Command, principal: Principal, where: tuple[str, str], institution: str) -> Problem | None:
    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.assign(con, context, principal, where, institution, command.runtime.texts)

    try:
        await command.perform(work)
    except Problem as refused:
        return refused
    return None


async def _again(
    request: Request, principal: Principal, where: tuple[str, str], form: FormData | None, refused: Problem
) -> Response:
    if refused.code == "out-of-scope":
        raise refused
    return await show(request, principal, where, form=form, refused=refused)


def numbers(form: FormData, prefix: str) -> dict[str, int]:
    """The numbers that are there. Problem 422 quota-not-a-number."""
    texts = {k.removeprefix(prefix): typed(form, k) for k in form if k.startswith(prefix)}
    wrong = [c for c, text in texts.items() if not (text.isascii() and text.isdigit() and len(text) <= len("100000"))]
    if wrong:
        raise Problem(422, "quota-not-a-number", value=texts[wrong[0]] or "—", unit=wrong[0])
    return {code: int(text) for code, text in texts.items()}
