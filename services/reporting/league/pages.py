"""The league table as a page, and the way to it."""

from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from services.reporting.league import service, store
from services.reporting.league.domain.choosing import INSTITUTION, Choice, fields
from services.reporting.league.domain.publishing import published
from services.reporting.league.domain.ranking import Line, Table
from services.reporting.league.routes import PAGE, Anyone, By, Level, read
from shared.auth import Principal
from shared.pages import render
from shared.policy import Policy
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
OF_UNITS: Final = ("quota", "selected", "registered", "expected", "excused", "checked_in", "completed")
OF_INSTITUTIONS: Final = ("expected", "excused", "checked_in", "completed")
OF_DOCUMENTS: Final = ("documents_due", "documents_on_time")
LINKED: Final = frozenset({"selected", "registered", "checked_in", "completed"})
STEP: Final = Decimal("0.1")
Which = Annotated[str, Query(pattern=r"^[a-z0-9_-]+/[a-z0-9_-]+$")]


@router.get("/")
async def get_start(request: Request, _: Anyone) -> HTMLResponse:
    """The published years and their tables."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        years, steps = await store.programmes(con), await store.steps(con)
    figures = {s["policy_key"]: s for s in steps}
    return render(request, "start.html", now=await runtime.now(), years=years, figures=figures, fields=fields,
                  ranks_institutions=ranks_institutions)  # fmt: skip


@router.get("/league")
async def get_choice(_: Anyone, table: Which, level: Level = None, formula: By = None) -> RedirectResponse:
    """Where the filter row leads: it names year and project in one choice."""
    asked = urlencode({k: v for k, v in (("level", level), ("formula", formula)) if v})
    return RedirectResponse(f"/reporting/league/{table}?{asked}", 303)


@router.get("/league/{policy_key}/{scope}")
async def get_table(
    request: Request, policy_key: str, scope: str, principal: Anyone, level: Level = None, formula: By = None
) -> HTMLResponse:
    """Who stands where, and whether the difference is real."""
    runtime = get_runtime(request)
    report = await read(request, policy_key, scope, level, formula)
    async with runtime.db.system() as con:
        programmes = await store.programmes(con)
    table, choice = report.table, report.choice
    start = axis_start(table)
    return render(
        request, "league.html", now=await runtime.now(), report=report, table=table, choice=choice, counts=columns(choice),
        rows={part: [_cells(line, table, principal) for line in getattr(table, part)] for part in ("ranked", "small", "not_ranked")},
        total=_cells(table.total, table, principal), start=start, ref=_share(table.total, table),
        behind=await runtime.consumer.behind() if runtime.consumer else 0, programmes=programmes,
        project=title_of(choice), zero=zero_key(choice), fields=fields,
        links=LINKED & {"selected", "checked_in", choice.formula.numerator},
        levels={lv.key: lv.names for lv in choice.programme.policy.units.levels},
    )  # fmt: skip


@router.get("/league/{policy_key}/{scope}/places")
async def get_places(
    request: Request, policy_key: str, scope: str, principal: Anyone, unit: str,
    level: Level = None, page: Annotated[int, Query(ge=1)] = 1,
) -> HTMLResponse:  # fmt: skip
    """The rows behind a figure, in the reader's own scope: places and their steps, never persons."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        choice = await service.choose(con, policy_key, scope, level, None)
        found = await store.unit_by_code(con, unit)
        if found is None:
            raise Problem(404, "out-of-scope")
        rows = await store.places(con, policy_key, choice.projects, found["path"], (PAGE, (page - 1) * PAGE))
        total = await store.count_places(con, policy_key, choice.projects, found["path"])
    return render(request, "places.html", now=await runtime.now(), choice=choice, unit=found, rows=rows, total=total,
                  page=page, per=PAGE, project=title_of(choice))  # fmt: skip


def columns(choice: Choice) -> tuple[str, ...]:
    """The counts that a table shows: those that its rates are made of, and the steps between them."""
    if choice.level != INSTITUTION:
        return OF_UNITS
    facts = {fact for f in choice.formulas for fact in (f.numerator, f.denominator)}
    papers = OF_DOCUMENTS if facts & {*OF_DOCUMENTS} else ()
    return (*OF_INSTITUTIONS, *papers, *(("inspections",) if any(f.value for f in choice.formulas) else ()))


def ranks_institutions(policy: Policy) -> bool:
    """Whether a year ranks institutions besides units."""
    return any(r.ranked.level == INSTITUTION for r in policy.rankings)


def _cells(line: Line, table: Table, principal: Principal) -> dict[str, Any]:
    chosen = line.measures[table.formula.key]
    bounds = [float(b) for b in chosen.interval] if chosen.interval else None
    mine = any(g.path == line.entrant.path for g in principal.grants if g.path)
    quiet = not mine and not any(getattr(line.counts, name) for name in (*OF_UNITS, *OF_DOCUMENTS, "inspections"))
    return {"line": line, "rates": {key: published(m, table.rules) for key, m in line.measures.items()}, "bounds": bounds,
            "share": _share(line, table), "mine": mine, "quiet": quiet}  # fmt: skip


def _share(line: Line, table: Table) -> float | None:
    rate = line.measures[table.formula.key].rate
    return float(rate.fraction) if rate.defined else None


def axis_start(table: Table) -> float:
    """Where the axis of the intervals begins: the tenth at or below the lowest bound, never above 90 %."""
    lows = [m.interval[0] for line in (*table.ranked, *table.small) if (m := line.measures[table.formula.key]).interval]
    return float(min([Decimal("0.9"), *(low // STEP * STEP for low in lows)]))


def title_of(choice: Choice) -> Any:
    """The names of the project or group that the table is drawn over."""
    policy = choice.programme.policy
    names = {x.key: x.names for x in policy.projects} | {x.key: x.names for x in policy.groups}
    return names[choice.scope]


def zero_key(choice: Choice) -> str:
    """Which words say that there is nothing to divide by."""
    return f"league.zero.{choice.formula.denominator or 'score'}"
