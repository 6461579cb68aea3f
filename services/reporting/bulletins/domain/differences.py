"""What differs between a frozen table and the same table as it would be drawn now."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from services.reporting.league.domain.sheets import Sheet, Values

REST: Final = "rest"
TOTAL: Final = "total"


class Change(msgspec.Struct, frozen=True):
    """One figure of one row that differs. ``what``: a count's name, or ``rank:<formula>``, ``rate:<formula>``.

    ``before`` or ``after`` is None where the row did not exist or the figure was not to be had. ``row`` is a unit's code,
    ``rest`` (places under no unit of the level) or ``total``.
    """

    row: str
    zh: str
    en: str
    what: str
    before: str | None
    after: str | None


class Difference(msgspec.Struct, frozen=True):
    """All changes of one table; ``formulas`` are keys whose definition or version is another today."""

    ranking: str
    field: str
    changes: Sequence[Change]
    formulas: Sequence[str]


def differences(frozen: Sequence[Sheet], today: Sequence[Sheet]) -> list[Difference]:
    """One entry for each frozen table, in its order; a table that is not drawn any more has lost all rows."""
    now = {(s.ranking, s.field.key): s for s in today}
    return [_difference(old, now.get((old.ranking, old.field.key))) for old in frozen]


def _difference(old: Sheet, new: Sheet | None) -> Difference:
    before, after = _rows(old), _rows(new) if new else {}
    changes = [c for key in {**before, **after} for c in _changes(key, before.get(key), after.get(key))]
    known = {f["key"]: f for f in (new.formulas if new else ())}
    other = [f["key"] for f in old.formulas if new and known.get(f["key"]) != f]
    return Difference(old.ranking, old.field.key, changes, other)


def _rows(sheet: Sheet) -> dict[str, Values]:
    """By the unit's id, which outlives its code; an id is empty for the rest."""
    return {**{r["unit_id"] or REST: r for r in sheet.rows}, TOTAL: sheet.total}


def _changes(key: str, before: Values | None, after: Values | None) -> Iterator[Change]:
    unit = after or before or {}
    row = key if key in {REST, TOTAL} else unit["code"]
    old, new = _figures(before) if before else {}, _figures(after) if after else {}
    for what in dict.fromkeys((*old, *new)):
        if old.get(what) != new.get(what):
            yield Change(row, unit["zh"], unit["en"], what, old.get(what), new.get(what))


def _figures(row: Values) -> dict[str, str]:
    """Everything that a row prints, by name; what it does not have is left out."""
    ranks = {f"rank:{key}": standing["rank"] for key, standing in row["ranks"].items()}
    rates = {f"rate:{key}": printed(rate) for key, rate in row["rates"].items()}
    found: dict[str, Any] = {**ranks, **rates, **row["counts"]}
    return {what: str(value) for what, value in found.items() if value is not None}


def printed(rate: Values) -> str | None:
    """A rate as it stands on paper: percent with its sign, or points; None where there is none."""
    if rate["percent"] is not None:
        return f"{rate['percent']}%"
    return rate.get("score")
