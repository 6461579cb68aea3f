"""JSON and CSV of bulletins, and the command that freezes one."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.reporting.bulletins import service, store
from services.reporting.bulletins.domain.freezing import Refused, unseal
from services.reporting.bulletins.service import ISSUERS, Asked
from services.reporting.exports.service import written
from services.reporting.league.routes import Anyone, attachment
from shared.auth import Principal, allow
from shared.http import AnyCommand
from shared.pages import language_of
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(tags=["bulletins"])
Issuer = Annotated[Principal, Depends(allow(*ISSUERS))]
STATUS = {"bulletin-unknown": 404, "reason-missing": 422}


class Order(BaseModel):
    """Which year's bulletin to freeze; a restatement names the bulletin that it replaces and says why."""

    policy: str
    restates: str | None = None
    reason: str | None = Field(default=None, max_length=2_000)


@router.get("/bulletins.json")
async def get_list(request: Request, _: Anyone) -> dict[str, Any]:
    """Every bulletin: number, as-of time, hash, what it replaces and what replaces it."""
    async with get_runtime(request).db.system() as con:
        return {"bulletins": await store.listed(con)}


@router.post("/bulletins")
async def post_bulletin(order: Order, principal: Issuer, command: AnyCommand) -> Response:
    """Freeze a year's tables as they stand now. Only the issuer or a superior may."""
    asked = Asked(order.policy, order.restates, order.reason)
    try:
        return await command.run(lambda con, now: service.freeze(command.runtime, con, now, principal, asked), 201)
    except Refused as refused:
        raise problem_of(refused) from refused


@router.get("/bulletins/{bulletin_id}.json")
async def get_json(request: Request, bulletin_id: str, _: Anyone) -> Response:
    """The sealed text, byte for byte: its SHA-256 is the one that the bulletin prints."""
    async with get_runtime(request).db.system() as con:
        found = await service.sealed(con, bulletin_id)
    return Response(found.content, media_type="application/json", headers={"etag": f'"{found.sha256}"'})


@router.get("/bulletins/{bulletin_id}.csv")
async def get_csv(request: Request, bulletin_id: str, _: Anyone) -> Response:
    """The frozen tables for a spreadsheet."""
    async with get_runtime(request).db.system() as con:
        found = await service.sealed(con, bulletin_id)
    frozen, texts, lang = unseal(found.content), get_runtime(request).texts, language_of(request)
    about = texts.get(lang, "bulletins.about", bulletin=bulletin_id, as_of=frozen.as_of, sha256=found.sha256)
    return attachment(written(frozen.sheets, about, texts, lang), f"{bulletin_id}.csv")


@router.get("/bulletins/{bulletin_id}/changes.json")
async def get_changes(request: Request, bulletin_id: str, _: Anyone) -> Response:
    """What differs between the frozen tables and today's figures."""
    async with get_runtime(request).db.system() as con:
        _frozen, at, found = await service.compared(con, bulletin_id)
    body = {"bulletin_id": bulletin_id, "as_of": at, "tables": found}
    return Response(msgspec.json.encode(body), media_type="application/json")


def problem_of(refused: Refused) -> Problem:
    """A refusal as a problem that a person reads."""
    return Problem(STATUS.get(refused.code, 409), refused.code, **refused.details)
