"""Pages of ban entries: which cases wait for me, one case, check and confirm. They call the same service as the JSON routes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

import httpx
from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.blacklist.entries import service, store
from services.blacklist.entries.domain.calendar import DAY, day, ranges
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Confirmation, Refused, may_confirm
from services.blacklist.entries.routes import PAGE, Commanded, Decider, Work, problem_of
from services.blacklist.record.store import record_of
from shared.auth import COOKIE, Principal, allow
from shared.http import Command
from shared.pages import render
from shared.problems import Problem
from shared.runtime import Runtime, get_runtime

router = APIRouter(include_in_schema=False)
Officer = Annotated[Principal, Depends(allow("province", "city", "county"))]
OPEN: Final = ("proposed", "notified")
BAD: Final = frozenset({"no_show", "dismissed", "not_completed"})


@router.get("/")
async def get_list(
    request: Request, principal: Officer, show: str = "open", page: Annotated[int, Query(ge=1)] = 1
) -> HTMLResponse:
    """The cases that wait for a decision, or all of them."""
    runtime = get_runtime(request)
    now, states = await runtime.now(), list(OPEN) if show == "open" else None
    async with runtime.db.read(principal) as con:
        total = await store.count(con, states, None)
        rows = await store.page(con, states, None, (page - 1) * PAGE, PAGE)
        mine = await store.count_ready(con, now, principal.subject) if principal.has("province") else 0
    names = await names_of(request, [r["entry"].person_id for r in rows])
    cases = [{**r, "stage": stage(r["entry"], r["confirmations"], now), "name": named(names, r["entry"].person_id)}
             for r in rows]  # fmt: skip
    return render(request, "cases.html", now=now, cases=cases, total=total, page=page, per=PAGE, show=show, mine=mine,
                  unnamed=names is None)  # fmt: skip


@router.get("/cases/{entry_id}")
async def get_case(request: Request, entry_id: str, principal: Officer, done: str | None = None) -> HTMLResponse:
    """One case: evidence, reply, what happened, what would follow."""
    view = await _case(request, principal, entry_id)
    return render(request, "case.html", **view, done=done, errors=[], chosen=None, words="")


@router.post("/cases/{entry_id}/check")
async def post_check(request: Request, entry_id: str, principal: Decider) -> HTMLResponse:
    """All consequences on one page before the act; nothing is written yet."""
    view = await _case(request, principal, entry_id)
    form = await request.form()
    chosen, words = _text(form, "decision"), _text(form, "words")
    errors = [{"field": field, "code": code} for field, code, bad in (
        ("decision", "decision-missing", chosen not in {"confirm", "quash"}), ("words", "words-missing", not words))
        if bad]  # fmt: skip
    if chosen == "confirm" and not errors:
        errors = _obstacles(view, principal)
    if errors:
        return render(
            request, "case.html", 422, **view, done=None, errors=errors, chosen=chosen, words=words, failed=True
        )
    return render(request, "case_check.html", **view, errors=[], chosen=chosen, words=words)


@router.post("/cases/{entry_id}/decide")
async def post_decision(request: Request, entry_id: str, principal: Decider, command: Commanded) -> Response:
    """Confirm or quash, once per form."""
    form = await request.form()
    chosen, words = _text(form, "decision"), _text(form, "words")
    decide: Work = lambda con, context: _DECISIONS[chosen](con, context, principal, entry_id, words)  # noqa: E731
    if chosen in _DECISIONS and (_text(form, "seen") or chosen == "quash"):
        try:
            await _perform(command, form, decide)
        except Refused as refused:
            problem = problem_of(refused, command.runtime.texts)
            return await _again(request, principal, entry_id, chosen, words, [{"problem": problem}], problem.status)
        return RedirectResponse(f"/blacklist/cases/{entry_id}?done={chosen}", 303)
    return await _again(request, principal, entry_id, chosen, words, [{"field": "seen", "code": "seen-missing"}], 422)


_DECISIONS: Final = {"confirm": service.confirm, "quash": service.quash}


async def _perform(command: Command, form: FormData, work: Work) -> None:
    command.key = command.key or _text(form, "idempotency_key")
    await command.perform(work)


async def _again(
    request: Request, principal: Principal, entry_id: str, chosen: str, words: str, errors: Sequence[Any], status: int
) -> HTMLResponse:
    view = await _case(request, principal, entry_id)
    return render(request, "case_check.html", status, **view, errors=errors, chosen=chosen, words=words, failed=True)


async def _case(request: Request, principal: Principal, entry_id: str) -> dict[str, Any]:
    """Everything that the case's pages show, read in the viewer's scope."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        row = await store.details(con, entry_id)
        if row is None:
            raise Problem(404, "out-of-scope")
        entry: Entry = row["entry"]
        facts = await record_of(con, entry.person_id, entry.place_id)
        told = await store.told(con, entry)
        decisions = await store.decisions(con, entry_id)
        anchors = await service.anchors_of(con, entry)
    names = await names_of(request, [entry.person_id])
    return {**row, "now": now, "name": named(names, entry.person_id), "unnamed": names is None, "decisions": decisions,
            "stage": stage(entry, row["confirmations"], now), "told": told, "steps": _steps(entry, facts, now),
            "bad": BAD, "until": _until(entry, anchors, now), "may_decide": principal.has("province"),
            "own": principal.subject, "needed": entry.rule.ban.confirmation.persons}  # fmt: skip


def _obstacles(view: Mapping[str, Any], principal: Principal) -> list[dict[str, Any]]:
    given = [
        Confirmation(d["principal"], d["words"], d["decided_at"]) for d in view["decisions"] if d["kind"] == "confirm"
    ]
    try:
        may_confirm(view["entry"], given, principal.subject, view["now"])
    except Refused as refused:
        return [{"field": "decision", "refused": refused}]
    return []


def stage(entry: Entry, confirmations: int, now: datetime) -> str:
    """Where a case stands for a reader: evidence, notice, reply, decision, second, in_force, expired, quashed."""
    if entry.state == "quashed":
        return "quashed"
    if entry.state == "confirmed":
        today = day(now, entry.rule.timezone)
        return "in_force" if any(today < r.ends_before for r in entry.ranges) else "expired"
    if not entry.complete:
        return "evidence"
    if entry.reply_until is None:
        return "notice"
    return "reply" if now <= entry.reply_until else ("second" if confirmations else "decision")


def _until(entry: Entry, anchors: Mapping[str, date | None], now: datetime) -> date | None:
    """The last blocked day, as decided or as it would be if decided today; None while its start is not known."""
    try:
        given = entry.ranges or ranges(entry.rule.ban, anchors, day(now, entry.rule.timezone))
    except KeyError:
        return None
    return given[0].ends_before - DAY


def _steps(entry: Entry, facts: Sequence[Mapping[str, Any]], now: datetime) -> list[tuple[datetime, str, str]]:
    """``(when, what, state)`` of everything that happened, and the end of the reply window if that is still ahead."""
    happened = [(f["occurred_at"], f["fact"], "late" if f["fact"] in BAD else "ok") for f in facts]
    own = [(entry.proposed_at, "proposed"), (entry.notified_at, "told"), (entry.replied_at, "replied"),
           (entry.confirmed_at, "confirmed"), (entry.quashed_at, "quashed")]  # fmt: skip
    happened += [(at, what, "ok") for at, what in own if at is not None]
    if entry.reply_until is not None and entry.state in OPEN:
        happened.append((entry.reply_until, "window", "ok" if entry.reply_until < now else "todo"))
    return sorted(happened, key=lambda x: (x[2] == "todo", x[0]))


async def names_of(request: Request, person_ids: Sequence[str]) -> Mapping[str, Any] | None:
    """Names from enrolment under the viewer's own token; None when enrolment can't be read just now."""
    runtime: Runtime = get_runtime(request)
    if not person_ids:
        return {}
    token = request.headers.get("authorization") or f"Bearer {request.cookies.get(COOKIE, '')}"
    try:
        answer = await runtime.http.post(f"{runtime.settings.gateway_url}/enrolment/people/names",
                                         json={"ids": sorted(set(person_ids))}, headers={"authorization": token})  # fmt: skip
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    found: dict[str, Any] = answer.json()["names"]
    return found


def named(names: Mapping[str, Any] | None, person_id: str) -> str:
    """A person's name, or the beginning of the id where the name is not to be had."""
    name: str = (names or {}).get(person_id, {}).get("name", person_id[:8])
    return name


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
