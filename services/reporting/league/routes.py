"""JSON and CSV of the tables: the same for everyone, with formulas, exact fractions and as-of time."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.reporting.league import service, store
from services.reporting.league.domain.choosing import Begun, present
from services.reporting.league.domain.counting import Counts
from services.reporting.league.domain.publishing import published
from services.reporting.league.domain.ranking import Line, Table
from services.reporting.league.service import Report
from shared.auth import Principal, allow
from shared.pages import language_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import Texts

router = APIRouter(tags=["league"])
Anyone = Annotated[Principal, Depends(allow())]
Level = Annotated[str | None, Query(alias="level")]
By = Annotated[str | None, Query(alias="formula")]
PRINTED: Final = (
    "quota",
    "selected",
    "registered",
    "expected",
    "excused",
    "checked_in",
    "completed",
    "met_every_condition",
    "documents_due",
    "documents_on_time",
    "inspections",
)
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
PAGE: Final = 50


async def read(request: Request, policy_key: str, scope: str, level: str | None, formula: str | None) -> Report:
    """The table that was asked for, in one snapshot, under the system role."""
    async with get_runtime(request).db.system() as con:
        return await service.report(con, await service.choose(con, policy_key, scope, level, formula))


@router.get("/league/{policy_key}/{scope}.json")
async def get_json(
    request: Request, policy_key: str, scope: str, _: Anyone, level: Level = None, formula: By = None
) -> Response:
    """The table with everything that is needed to check it."""
    report = await read(request, policy_key, scope, level, formula)
    return Response(msgspec.json.encode(document(report)), media_type="application/json")


@router.get("/league/{policy_key}/{scope}.csv")
async def get_csv(
    request: Request, policy_key: str, scope: str, _: Anyone, level: Level = None, formula: By = None
) -> Response:
    """The table for a spreadsheet: UTF-8 with BOM, no cell that a spreadsheet would run as a formula."""
    report = await read(request, policy_key, scope, level, formula)
    lang = language_of(request)
    text = sheet(report, get_runtime(request).texts, lang)
    name = f"{policy_key}-{scope}-{report.choice.level}-{report.choice.formula.key}.csv"
    return attachment(text, name)


@router.get("/league/{policy_key}/{scope}/places.json")
async def get_places(
    request: Request, policy_key: str, scope: str, principal: Anyone, unit: str,
    level: Level = None, page: Annotated[int, Query(ge=1)] = 1,
) -> dict[str, Any]:  # fmt: skip
    """The rows behind a figure of a unit, as far as the caller's scope reaches. It names places, never persons."""
    async with get_runtime(request).db.read(principal) as con:
        choice = await service.choose(con, policy_key, scope, level, None)
        found = await store.unit_by_code(con, unit)
        if found is None:
            raise Problem(404, "out-of-scope")
        rows = await store.places(con, policy_key, choice.projects, found["path"], (PAGE, (page - 1) * PAGE))
    return {"unit": unit, "page": page, "places": rows}


@router.get("/summary.json")
async def get_summary(request: Request, _: Anyone) -> dict[str, Any]:
    """How far each published year is, which of them is opened first, and the newest event that the figures contain."""
    async with get_runtime(request).db.system() as con:
        as_of, years = await store.as_of(con), await store.steps(con)
    begun = [Begun(y["policy_key"], y["selected"] > 0, y["expected"] > 0) for y in years]
    return {"as_of": as_of, "present": present(begun), "years": years}


def attachment(text: str, name: str) -> Response:
    """A CSV file: UTF-8 with BOM, so that a spreadsheet reads Chinese."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


def document(report: Report) -> dict[str, Any]:
    """The JSON form of a table: formula objects, table rules, exact numerators and denominators."""
    choice, table = report.choice, report.table
    return {
        "policy": choice.programme.policy.version,
        "scope": choice.scope,
        "projects": choice.projects,
        "ranking": choice.ranking,
        "level": choice.level,
        "as_of": report.as_of,
        "formula": choice.formula,
        "formulas": table.formulas,
        "table_rules": table.rules,
        "rows": [_row(line, table) for line in table],
        "total": _row(table.total, table),
    }


def _row(line: Line, table: Table) -> dict[str, Any]:
    unit = line.entrant
    return {"unit_id": unit.unit_id or None, "code": unit.code or None, "names": {"zh": unit.zh, "en": unit.en},
            "state": line.state, "rank": line.rank, "against_total": line.against_total or None,
            "counts": line.counts, "rates": {key: published(m, table.rules) for key, m in line.measures.items()}}  # fmt: skip


def sheet(report: Report, texts: Texts, lang: str) -> str:
    """The CSV text: what it is, the header, one line per row, the total."""
    out = StringIO()
    writer = csv.writer(out)
    table = report.table
    formula = report.choice.formula
    about = texts.get(lang, "league.about", formula=formula.names, key=formula.key, version=formula.version,
                      as_of=report.as_of)  # fmt: skip
    writer.writerow([safe(about)])
    writer.writerow([safe(word) for word in _header(table, texts, lang)])
    for line in (*table, table.total):
        name = unit_name(line, texts, lang) if line is not table.total else texts.get(lang, "league.total")
        state = "" if line is table.total else texts.get(lang, f"league.state.{line.state}")
        writer.writerow(
            [safe(cell) for cell in (line.rank or "", line.entrant.code, name, state, *_figures(line, table))]
        )
    return out.getvalue()


def unit_name(line: Line, texts: Texts, lang: str) -> str:
    """A unit's name in one language; the words for the places that hang under no unit of the level."""
    name: str = getattr(line.entrant, lang)
    return name or texts.get(lang, "league.rest")


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    text = isinstance(cell, str) and cell.startswith(FORMULA_STARTS)
    return f"'{cell}" if text else cell


def _header(table: Table, texts: Texts, lang: str) -> list[str]:
    words = [texts.get(lang, f"league.{key}") for key in ("rank", "code", "unit", "status", *PRINTED)]
    for formula in table.formulas:
        name = getattr(formula.names, lang)
        shown = "points" if formula.value else "percent"
        words += [
            texts.get(lang, f"league.{part}", name=name) for part in ("numerator", "denominator", shown, "low", "high")
        ]
    return words


def _figures(line: Line, table: Table) -> Sequence[Any]:
    counts: Counts = line.counts
    cells: list[Any] = [getattr(counts, name) for name in PRINTED]
    for measure in line.measures.values():
        rate = published(measure, table.rules)
        printed = rate["percent"] if measure.max is None else rate["score"]
        cells += [rate["numerator"], rate["denominator"], printed, *(rate["interval"] or (None, None))]
    return cells
