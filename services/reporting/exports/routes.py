"""A ranking's uses as JSON and CSV: the same for everyone."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.reporting.exports.service import exported, written
from services.reporting.league.routes import Anyone, attachment
from shared.pages import language_of
from shared.runtime import get_runtime

router = APIRouter(tags=["exports"])


@router.get("/exports/{policy_key}/{use}.json")
async def get_json(request: Request, policy_key: str, use: str, _: Anyone) -> Response:
    """Every table that serves this use, with formulas, exact fractions and as-of time (M10, M11)."""
    async with get_runtime(request).db.system() as con:
        programme, named, at, sheets = await exported(con, policy_key, use)
    body: dict[str, Any] = {"policy": programme.policy.version, "use": named, "as_of": at, "tables": sheets}
    return Response(msgspec.json.encode(body), media_type="application/json")


@router.get("/exports/{policy_key}/{use}.csv")
async def get_csv(request: Request, policy_key: str, use: str, _: Anyone) -> Response:
    """The same for a spreadsheet."""
    async with get_runtime(request).db.system() as con:
        programme, named, at, sheets = await exported(con, policy_key, use)
    texts, lang = get_runtime(request).texts, language_of(request)
    about = texts.get(lang, "exports.about", use=named.names, policy=programme.policy.version, as_of=at)
    return attachment(written(sheets, about, texts, lang), f"{policy_key}-{use}.csv")
