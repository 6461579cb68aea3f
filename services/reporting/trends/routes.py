"""A unit's rates over the years as JSON and CSV: the same for everyone."""

import csv
from io import StringIO
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.reporting.league.domain.publishing import published
from services.reporting.league.routes import Anyone, attachment, safe
from services.reporting.trends.domain import Point
from services.reporting.trends.service import View, view
from shared.pages import language_of
from shared.runtime import get_runtime

router = APIRouter(tags=["trends"])
COLUMNS = ("measure", "year", "policy", "version", "numerator", "denominator", "percent")


@router.get("/trends/{code}.json")
async def get_json(request: Request, code: str, _: Anyone) -> Response:
    """Each measure that at least two years have, the oldest year first."""
    async with get_runtime(request).db.system() as con:
        found = await view(con, code)
    return Response(msgspec.json.encode(document(found)), media_type="application/json")


@router.get("/trends/{code}.csv")
async def get_csv(request: Request, code: str, _: Anyone) -> Response:
    """The same for a spreadsheet."""
    async with get_runtime(request).db.system() as con:
        found = await view(con, code)
    texts, lang = get_runtime(request).texts, language_of(request)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([texts.get(lang, f"trends.{name}") for name in COLUMNS])
    for trend in found.trends:
        writer.writerows([safe(getattr(trend, lang)), *_cells(p)] for p in trend.points)
    return attachment(out.getvalue(), f"{code}-trends.csv")


def document(found: View) -> dict[str, Any]:
    """The unit, the years in which it stands in a table, and each trend with its points."""
    unit = found.unit
    return {
        "unit": {"code": unit["code"], "names": {"zh": unit["name_zh"], "en": unit["name_en"]}},
        "as_of": found.as_of,
        "years": [y.policy for y in found.years],
        "trends": [{"names": {"zh": t.zh, "en": t.en}, "points": [point(p) for p in t.points]} for t in found.trends],
    }


def point(p: Point) -> dict[str, Any]:
    """One year's rate as its own table publishes it, with the formula that it was made by."""
    formula = {"key": p.formula.key, "version": p.formula.version}
    return {"year": p.year.year, "policy": p.year.policy, "formula": formula, **published(p.measure, p.year.rules)}


def _cells(p: Point) -> list[Any]:
    said = point(p)
    shown = said["percent"] if said["percent"] is not None else said.get("score")
    return [said["year"], said["policy"], p.formula.version, said["numerator"], said["denominator"], shown]
