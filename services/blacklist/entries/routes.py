"""JSON routes of ban entries: read in scope, reply, confirm, quash, look up."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.blacklist.entries import service, store
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Refused
from services.blacklist.entries.domain.overriding import Ask
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.events.base import Names
from shared.http import AnyCommand, Command
from shared.problems import LANGUAGES, Problem
from shared.runtime import get_runtime
from shared.texts import Texts

router = APIRouter(tags=["entries"])
PAGE = 50
WORDS = 2_000
Reader = Annotated[Principal, Depends(allow("province", "city", "county", "school", "institution", "teacher"))]
Decider = Annotated[Principal, Depends(allow("province"))]
Selecting = Annotated[Principal, Depends(allow("province", "city", "county", "school", "service"))]
Work = Callable[[Connection, Context], Awaitable[dict[str, Any]]]


class Words(BaseModel):
    """What a person says for the record: a reply, or the reason of a decision."""

    words: str = Field(min_length=1, max_length=WORDS)


class Reason(BaseModel):
    """Why a decision is taken; the person reads it."""

    reason: str = Field(min_length=1, max_length=WORDS)


class OverrideBody(BaseModel):
    """The programme year, why the person may take part in it all the same, and the evidence seen."""

    programme: str
    reason: str = Field(min_length=1, max_length=WORDS)
    evidence: list[str] = []


@router.get("/entries")
async def get_entries(
    request: Request,
    principal: Reader,
    state: Annotated[list[str] | None, Query()] = None,
    person: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> dict[str, Any]:
    """One page of the entries in the caller's scope."""
    async with get_runtime(request).db.read(principal) as con:
        total = await store.count(con, state, person)
        rows = await store.page(con, state, person, (page - 1) * PAGE, PAGE)
    return {"total": total, "page": page, "entries": [_public(r["entry"], r["confirmations"]) for r in rows]}


@router.get("/entries/{entry_id}")
async def get_entry(request: Request, entry_id: str, principal: Reader) -> dict[str, Any]:
    """One entry with the person's words, as far as the caller's scope reaches; who decided what is for the province."""
    async with get_runtime(request).db.read(principal) as con:
        row = await store.details(con, entry_id)
        if row is None:
            raise Problem(404, "out-of-scope")
        decisions = await store.decisions(con, entry_id) if principal.has("province") else []
    return {
        **_public(row["entry"], row["confirmations"]),
        "words": row["words"],
        "appeal": row["appeal"],
        "decisions": decisions,
    }


@router.post("/entries/{entry_id}/reply")
async def post_reply(
    entry_id: str, body: Words, principal: Annotated[Principal, Depends(allow("teacher"))], command: AnyCommand
) -> Response:
    """The person's reply, once, until the end of the window."""
    return await _run(command, lambda con, context: service.reply(con, context, principal, entry_id, body.words))


@router.post("/entries/{entry_id}/confirmations")
async def post_confirmation(entry_id: str, body: Reason, principal: Decider, command: AnyCommand) -> Response:
    """One person's confirmation; the last one that the rule asks for bans."""
    return await _run(command, lambda con, context: service.confirm(con, context, principal, entry_id, body.reason))


@router.post("/entries/{entry_id}/quash")
async def post_quash(entry_id: str, body: Reason, principal: Decider, command: AnyCommand) -> Response:
    """Void an entry and undo what followed from it."""
    return await _run(command, lambda con, context: service.quash(con, context, principal, entry_id, body.reason))


@router.post("/entries/{entry_id}/appeal")
async def post_appeal(
    entry_id: str, body: Words, principal: Annotated[Principal, Depends(allow("teacher"))], command: AnyCommand
) -> Response:
    """The person's appeal against a confirmed ban, once, until the end of the time for it."""
    return await _run(command, lambda con, context: service.appeal(con, context, principal, entry_id, body.words))


@router.post("/entries/{entry_id}/uphold")
async def post_uphold(entry_id: str, body: Reason, principal: Decider, command: AnyCommand) -> Response:
    """Turn an appeal down; to grant it, quash or lift."""
    return await _run(command, lambda con, context: service.uphold(con, context, principal, entry_id, body.reason))


@router.post("/entries/{entry_id}/lift")
async def post_lift(entry_id: str, body: Reason, principal: Decider, command: AnyCommand) -> Response:
    """End a ban from today on; what it barred before stays history."""
    return await _run(command, lambda con, context: service.lift(con, context, principal, entry_id, body.reason))


@router.post("/entries/{entry_id}/overrides")
async def post_override(entry_id: str, body: OverrideBody, principal: Decider, command: AnyCommand) -> Response:
    """Except one programme year from a ban that holds in principle."""
    ask = Ask(policy_key=body.programme, words=body.reason, evidence=body.evidence)
    return await _run(command, lambda con, context: service.override(con, context, principal, entry_id, ask))


@router.get("/standing")
async def get_standing(
    request: Request, _: Selecting, person: str, level: str, form: Annotated[list[str], Query()], on: date
) -> dict[str, Any]:
    """Whether a person is barred from a class of a plan level and forms that starts on a day.

    Read beyond the caller's scope on purpose: a ban follows the person to another county (L14). It tells the entry's
    id, range and excepted years and nothing else.
    """
    async with get_runtime(request).db.system() as con:
        answer: dict[str, Any] = msgspec.to_builtins(await service.standing(con, person, level, form, on))
    return answer


async def _run(command: Command, work: Work) -> Response:
    try:
        return await command.run(work)
    except Refused as refused:
        raise problem_of(refused, command.runtime.texts) from refused


def problem_of(refused: Refused, texts: Texts) -> Problem:
    """A refusal as a problem that a person reads: 422 for missing words, else 409."""
    details = {key: said(texts, key, value) for key, value in refused.details.items()}
    return Problem(422 if refused.code == "words-missing" else 409, refused.code, **details)


def said(texts: Texts, key: str, value: Any) -> Any:
    """The words for a code in both languages: kinds of evidence, whose names the policy has or this service, and states."""
    if key == "missing":
        listed = {lang: [texts.get(lang, f"evidence.{kind}.name") if isinstance(kind, str) else getattr(kind, lang)
                         for kind in value] for lang in LANGUAGES}  # fmt: skip
        return Names("、".join(listed["zh"]), ", ".join(listed["en"]))
    return Names(*(texts.get(lang, f"state.{value}") for lang in LANGUAGES)) if key == "state" else value


def _public(entry: Entry, confirmations: int) -> dict[str, Any]:
    shown = {name: getattr(entry, name) for name in entry.__struct_fields__ if name != "rule"}
    rule = {"policy": entry.rule.policy, "key": entry.rule.ban.key, "version": entry.rule.ban.version,
            "persons": entry.rule.ban.confirmation.persons}  # fmt: skip
    plain: dict[str, Any] = msgspec.to_builtins({**shown, "rule": rule, "confirmations": confirmations})
    return plain
