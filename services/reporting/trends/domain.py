"""One unit's rates over the years: only the same fraction is set beside itself (P14)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from services.reporting.league.domain.ranking import Measure
from shared.policy import Policy
from shared.policy.tables import Formula, TableRules

LEAST: Final = 2
STEP: Final = Decimal("0.1")
LEFT, RIGHT, TOP, BOTTOM = 44, 20, 14, 24


class Year(msgspec.Struct, frozen=True):
    """What one programme year says of a unit; ``measures`` is by formula key."""

    policy: str
    year: int
    zh: str
    en: str
    rules: TableRules
    formulas: Sequence[Formula]
    measures: Mapping[str, Measure]


class Point(msgspec.Struct, frozen=True):
    """One year's rate by that year's formula; the rate is undefined where there was nothing to divide by."""

    year: Year
    formula: Formula
    measure: Measure


class Trend(msgspec.Struct, frozen=True):
    """One measure over the years, the oldest first; the names are those of the newest year."""

    zh: str
    en: str
    points: Sequence[Point]


def trends(years: Sequence[Year]) -> list[Trend]:
    """A trend for each fraction that at least two years have, in the order of the newest year.

    The same fraction: numerator, denominator and exclusions agree, or the same score; a key alone is no proof.
    """
    ordered = sorted(years, key=lambda y: (y.year, y.policy))
    newest_first = [f for y in reversed(ordered) for f in y.formulas]
    named = {fraction(f): f for f in reversed(newest_first)}
    found = [_trend(named[key], ordered) for key in dict.fromkeys(fraction(f) for f in newest_first)]
    return [t for t in found if len(t.points) >= LEAST]


def fraction(formula: Formula) -> tuple[Any, ...]:
    """What makes two formulas the same measure."""
    return (formula.numerator, formula.denominator, formula.exclude, formula.value)


def _trend(named: Formula, years: Sequence[Year]) -> Trend:
    points = [Point(y, f, y.measures[f.key]) for y in years for f in y.formulas if fraction(f) == fraction(named)]
    return Trend(named.names.zh, named.names.en, points)


def within(years: Sequence[Policy], back: int | None) -> list[Policy]:
    """The years that a trend shows: the newest and ``back`` years before it; all without a limit."""
    newest = max((p.year for p in years), default=0)
    return [p for p in years if back is None or p.year >= newest - back]


def years_back(policy: Policy) -> int | None:
    """How many years before its own a policy wants shown; None where it says nothing."""
    return policy.trends.years_back if policy.trends else None


class Mark(msgspec.Struct, frozen=True):
    """Where one year's rate stands in the drawing, in pixels; ``low`` and ``high`` are None without an interval."""

    x: float
    y: float
    low: float | None
    high: float | None


class Plot(msgspec.Struct, frozen=True):
    """A small drawing: each year as ``(x, label)``, marks of those that have a rate, the axis' lines as ``(y, percent)``."""

    width: int
    height: int
    years: Sequence[tuple[float, str]]
    marks: Sequence[Mark]
    grid: Sequence[tuple[float, str]]


def plot(trend: Trend, width: int = 340, height: int = 150) -> Plot:
    """Years from left to right at equal distance; the axis begins at the tenth below the lowest bound and ends at 100 %."""
    drawn = [(n, p) for n, p in enumerate(trend.points) if p.measure.rate.defined]
    shares = [_share(p.measure) for _, p in drawn]
    lows = [p.measure.interval[0] if p.measure.interval else _share(p.measure) for _, p in drawn]
    top = max([Decimal(1), *shares])
    start = min([Decimal("0.9"), *(low // STEP * STEP for low in lows)])
    gap = (width - LEFT - RIGHT) / max(len(trend.points) - 1, 1)

    def y(share: Decimal) -> float:
        return round(TOP + float((top - share) / (top - start)) * (height - TOP - BOTTOM), 1)

    labels = [(round(LEFT + n * gap, 1), str(p.year.year)) for n, p in enumerate(trend.points)]
    marks = [_mark(labels[n][0], p, y) for n, p in drawn]
    steps = [start + (top - start) * i / 2 for i in range(3)]
    return Plot(width, height, labels, marks, [(y(s), f"{float(s) * 100:.0f}") for s in steps])


def _mark(x: float, point: Point, y: Any) -> Mark:
    bounds = point.measure.interval
    low, high = (y(bounds[0]), y(bounds[1])) if bounds else (None, None)
    return Mark(x, y(_share(point.measure)), low, high)


def _share(measure: Measure) -> Decimal:
    exact = measure.rate.fraction
    return Decimal(exact.numerator) / Decimal(exact.denominator)
