"""What a ranking is used for, as a file: next year's tasks, year-end evaluation and whatever else a policy names."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, Final

from services.reporting.league.domain.choosing import Programme
from services.reporting.league.domain.sheets import Sheet, Values
from services.reporting.league.routes import PRINTED, safe
from services.reporting.league.service import sheets
from services.reporting.league.store import as_of, programme
from shared.db import Connection
from shared.policy.tables import Use
from shared.problems import Problem
from shared.texts import Texts

EMPTY: Final[Values] = {"state": "", "rank": None}


async def exported(con: Connection, policy_key: str, use: str) -> tuple[Programme, Use, datetime, list[Sheet]]:
    """The tables that serve one use (M10, M11). Errors: Problem year-unknown, use-unknown, nothing-yet (404)."""
    found, at = await programme(con, policy_key), await as_of(con)
    if found is None:
        raise Problem(404, "year-unknown", policy=policy_key)
    uses = [(r.key, u) for r in found.policy.rankings for u in r.used_for if u.key == use]
    if not uses:
        raise Problem(404, "use-unknown", use=use)
    if at is None:
        raise Problem(404, "nothing-yet")
    return found, uses[0][1], at, await sheets(con, found, {key for key, _ in uses}, at)


def written(drawn: Sequence[Sheet], about: str, texts: Texts, lang: str) -> str:
    """Tables for a spreadsheet, one under the other: what it is, then for each its name, head, rows and total."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([safe(about)])
    for sheet in drawn:
        writer.writerow([safe(f"{getattr(sheet, lang)} · {getattr(sheet.field, lang)}")])
        writer.writerows([safe(cell) for cell in line] for line in _lines(sheet, texts, lang))
    return out.getvalue()


def _lines(sheet: Sheet, texts: Texts, lang: str) -> Iterator[list[Any]]:
    counts = [c for c in PRINTED if sheet.total["counts"][c] is not None]
    yield _head(sheet, counts, texts, lang)
    for row in (*sheet.rows, sheet.total):
        name = row[lang] or texts.get(lang, "league.total" if row is sheet.total else "league.rest")
        yield [row["code"], name, *_figures(sheet, row, counts, texts, lang)]


def _head(sheet: Sheet, counts: Iterable[str], texts: Texts, lang: str) -> list[str]:
    head = [texts.get(lang, f"league.{key}") for key in ("code", "unit", *counts)]
    for formula in sheet.formulas:
        name = formula["names"][lang]
        shown = "points" if formula.get("value") else "percent"
        ranked = ("rank_by", "state_by") if formula["key"] in sheet.by else ()
        parts = (*ranked, "numerator", "denominator", shown)
        head += [texts.get(lang, f"league.{part}", name=name) for part in parts]
    return head


def _figures(sheet: Sheet, row: Values, counts: Iterable[str], texts: Texts, lang: str) -> Iterator[Any]:
    yield from (row["counts"][c] for c in counts)
    for formula in sheet.formulas:
        key = formula["key"]
        rate, standing = row["rates"][key], row["ranks"].get(key, EMPTY)
        if key in sheet.by:
            yield standing["rank"]
            yield texts.get(lang, f"league.state.{standing['state']}") if standing["state"] else ""
        yield rate["numerator"]
        yield rate["denominator"]
        yield rate["percent"] if rate["percent"] is not None else rate.get("score")
