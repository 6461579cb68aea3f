"""The page of moves: which unit can spare places, who gets them, and what was moved so far."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, mistakes, number, typed
from services.enrolment.places.service import require_cohort
from services.enrolment.programmes.service import published
from services.enrolment.quota import store as cells
from services.enrolment.quota.pages import Reader, unit_in_reach
from services.enrolment.quota.routes import PATH
from services.enrolment.transfers import service, store
from services.enrolment.transfers.routes import Approver
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.policy.lookup import cohort as cohort_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import CIVIL

router = APIRouter(include_in_schema=False)
FIELD_OF = {"quota-move-too-many": "places", "move-incomplete": "giver", "not-siblings": "taker"}


@router.get(f"{PATH}/moves/page")
async def moves_page(
    request: Request, key: str, cohort: str, principal: Reader, unit: str = "", done: str = ""
) -> Response:
    """The form for a move between the units right below one, and the moves so far."""
    return await _show(request, principal, (key, cohort, unit or principal.own_code()), FormData(), done=done)


@router.post(f"{PATH}/moves/page")
async def move_page(request: Request, key: str, cohort: str, principal: Approver, command: AnyCommand) -> Response:
    """Move places from the form; a refusal shows it again as it was filled in."""
    form = await request.form()
    where = (key, cohort, typed(form, "unit") or principal.own_code())
    giver, taker, places = typed(form, "giver"), typed(form, "taker"), number(typed(form, "places"))
    if not giver or not taker or places is None or not 0 < places <= service.MOST:
        return await _show(request, principal, where, form, Problem(422, "move-incomplete"))
    ask = service.Ask(key=key, cohort=cohort, giver=giver, taker=taker, places=places)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.move(con, context, principal, ask, command.runtime.texts)

    refused = await command.attempt(work)
    if isinstance(refused, Problem):
        return await _show(request, principal, where, form, refused)
    return back(f"/programmes/{key}/cohorts/{cohort}/quota/moves/page?unit={where[2]}&done=moved")


async def _show(
    request: Request, principal: Principal, where: tuple[str, str, str], form: FormData, refused: Problem | None = None, done: str = ""
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        unit = await unit_in_reach(con, principal, where[2])
        programme = await published(con, where[0])
        require_cohort(programme, where[1])
        parts = await cells.parts(con, programme.programme_id, where[1], unit, now.astimezone(CIVIL).date())
        moves = await store.moves(con, programme.programme_id, where[1], unit.unit_id)
    rules = programme.policy.quota.transfers
    approver = programme.issuer_path if rules and rules.approved_by == "root" else unit.path
    codes = [e["code"] for e in refused.errors] if refused else []
    errors = mistakes(request, refused, FIELD_OF.get(codes[0] if codes else refused.code) if refused else None)
    return render(
        request, "moves.html", refused.status if refused else 200, now=now, key=where[0], unit=unit, parts=parts, moves=moves,
        cohort=cohort_of(programme.policy, where[1]), errors=errors, failed=bool(errors), done=done, rules=rules,
        may_move=rules is not None and principal.reaches(approver, *service.APPROVERS),
        words={name: typed(form, name) for name in ("giver", "taker", "places")},
    )  # fmt: skip
