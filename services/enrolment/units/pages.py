"""The page of a unit: who is responsible, what hangs under it, who is still without a contact."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, mistakes, typed
from services.enrolment.units import service, store
from services.enrolment.units.routes import Officer
from services.enrolment.units.store import Look
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL
from shared.units import units_by_code

router = APIRouter(include_in_schema=False)
PER_PAGE: Final = 50
FIELDS: Final = ("name", "email", "phone")


@router.get("/units/page")
async def own_page(request: Request, principal: Officer) -> Response:
    """The page of one's own unit; before the units are brought in, where they come from."""
    runtime, code = get_runtime(request), principal.own_code()
    async with runtime.db.read(principal) as con:
        known = await units_by_code(con, [code])
    if not known:
        return render(request, "no_units.html", now=await runtime.now())
    return back(f"/units/{code}/page")


@router.get("/units/{code}/page")
async def unit_page(
    request: Request, code: str, principal: Officer, find: str = "", only: str = "", done: str = "",
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:  # fmt: skip
    """Its contact and the units right under it; ``find`` and ``only=missing`` look through the whole subtree."""
    return await _unit(request, principal, code, find=find.strip(), missing=only == "missing", done=done, page=page)


@router.post("/units/{code}/page/contact")
async def contact_page(request: Request, code: str, principal: Officer, command: AnyCommand) -> Response:
    """Name who is responsible; a refusal shows the form again with what was typed."""
    form = await request.form()
    words = {name: typed(form, name) for name in FIELDS}
    ask = service.ContactAsk(unit=code, name=words["name"], email=words["email"] or None, phone=words["phone"] or None)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.set_contacts(con, context, principal, [ask])

    refused = await command.attempt(work)
    if isinstance(refused, Problem):
        return await _unit(request, principal, code, refused=refused, form=form)
    return back(f"/units/{code}/page?done=contact")


async def _unit(
    request: Request, principal: Principal, code: str, *, find: str = "", missing: bool = False, done: str = "",
    page: int = 1, refused: Problem | None = None, form: FormData | None = None,
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    now = await runtime.now()
    today = now.astimezone(CIVIL).date()
    async with runtime.db.read(principal) as con:
        card = await store.card(con, code)
        if card is None:
            raise Problem(404, "out-of-scope")
        principal.require(card["path"], *service.OFFICERS)
        look = Look(
            path=card["path"],
            parent_id=None if find or missing else card["unit_id"],
            find=find or None,
            missing=missing,
        )
        total, units = await store.browse(con, look, today, page, PER_PAGE)
        without = await store.missing_contacts(con, card["path"], today)
        line = [u for u in await store.line(con, card["path"]) if principal.reaches(u["path"])]
    errors = mistakes(request, refused, "name")
    return render(
        request, "unit.html", refused.status if refused else 200, now=now, card=card, units=units, total=total, page=page,
        per=PER_PAGE, find=find, missing=missing, without=without, line=line, done=done, errors=errors, failed=bool(errors),
        words={n: typed(form, n) for n in FIELDS} if form else _known(card), may_list=principal.has("province", "city"),
    )  # fmt: skip


def _known(card: dict[str, Any]) -> dict[str, str]:
    return {"name": card["contact"] or "", "email": card["email"] or "", "phone": card["phone"] or ""}
