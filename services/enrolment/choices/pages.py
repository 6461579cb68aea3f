"""The page on which an institution chooses: one mark for each nominee, one reason for those who are not chosen."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.choices import service
from services.enrolment.choices.routes import PATH, Chooser
from services.enrolment.classes.pages import back, mistakes, typed
from services.enrolment.nominations import store
from services.enrolment.nominations.pages import pool_of
from services.enrolment.programmes.service import published
from services.enrolment.wording.service import said
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import render
from shared.policy.lookup import cohort as cohort_of
from shared.policy.lookup import project_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import Texts

router = APIRouter(include_in_schema=False)
PER_PAGE: Final = 200
MARK: Final = "n-"


@router.get(f"{PATH}/page")
async def choices_page(
    request: Request, key: str, pool: str, principal: Chooser, done: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """Who is nominated, how many places are left."""
    return await _show(request, principal, (key, pool), FormData(), done=done, page=page)


@router.post(f"{PATH}/page")
async def choose_page(request: Request, key: str, pool: str, principal: Chooser, command: AnyCommand) -> Response:
    """Choose as marked, all or nothing: a refusal shows the marks again, at each the reason why."""
    form = await request.form()
    marks = {k.removeprefix(MARK): typed(form, k) for k in form if k.startswith(MARK)}
    chosen = [i for i, mark in marks.items() if mark == "choose"]
    refused = {i: typed(form, "reason") for i, mark in marks.items() if mark == "pass"}

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        if not marks or not (chosen or refused):
            raise Problem(422, "choice-empty")
        done = await service.choose(con, context, principal, (key, pool), chosen, refused)
        if done.refusals:
            raise _refused(done, command.runtime.texts)
        return {"chosen": len(done.chosen), "not_chosen": len(done.passed)}

    answer = await command.attempt(work)
    if isinstance(answer, Problem):
        return await _show(request, principal, (key, pool), form, refused=answer)
    return back(f"/programmes/{key}/pools/{pool}/choices/page?done=chosen")


def _refused(done: service.Outcome, texts: Texts) -> Problem:
    """On a page nothing is done by halves: the marks stay, and what is wrong stands at each."""
    errors = [{"nomination_id": r.key, **said(texts, r.code, r.vars)} for r in done.refusals]
    return Problem(409, "choice-refused", errors=errors, count=len(errors))


async def _show(
    request: Request, principal: Principal, where: tuple[str, str], form: FormData, *, done: str = "", page: int = 1,
    refused: Problem | None = None,
) -> Response:  # fmt: skip
    runtime = get_runtime(request)
    async with runtime.db.system() as con:  # the places of the chosen are their units' to see, their number is not
        programme = await published(con, where[0])
        pool = await pool_of(con, programme, where[1])
    service.require_chooser(principal, programme, pool)
    async with runtime.db.read(principal) as con:
        total, nominees = await store.listed(con, pool.pool_id, None, page, PER_PAGE)
    errors = [{**e, "field": f"{MARK}{_key(refused, n)}"} for n, e in enumerate(mistakes(request, refused))]
    marks: Mapping[str, str] = {n.nomination_id: typed(form, MARK + n.nomination_id) for n in nominees}
    return render(
        request, "choices.html", refused.status if refused else 200, now=await runtime.now(), key=where[0], pool=pool, total=total,
        cohort=cohort_of(programme.policy, where[1]), project=project_of(programme.policy, where[1]).names, page=page,
        per=PER_PAGE, nominees=nominees, marks=marks, reason=typed(form, "reason"), done=done, errors=errors,
        failed=bool(errors), left=pool.places - pool.chosen, waiting=sum(n.state == "waiting" for n in nominees),
    )  # fmt: skip


def _key(refused: Problem | None, position: int) -> str:
    entry = refused.errors[position] if refused and refused.errors else {}
    return str(msgspec.to_builtins(entry).get("nomination_id", ""))
