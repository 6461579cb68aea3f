"""How a rate, a score and a line are published: the same members in every JSON, CSV, page and bulletin."""

from fractions import Fraction
from typing import Any

from services.reporting.league.domain.ranking import Measure
from services.reporting.league.domain.ratios import half_up, one_decimal, percent
from shared.policy.tables import TableRules


def published(measure: Measure, rules: TableRules) -> dict[str, Any]:
    """Numerator and denominator as counted, percent and interval as text, or None where there is none.

    A score has no percent; it says ``score`` out of ``max`` instead, rounded half up like a percent (M16).
    """
    rate = measure.rate
    decimals = rules.rounding.decimals
    if measure.max is not None:
        points = half_up(rate.fraction * Fraction(measure.max), decimals) if rate.defined else None
        return {**_fraction(measure), "percent": None, "interval": None, "score": points, "max": str(measure.max)}
    bounds = [one_decimal(b) for b in measure.interval] if measure.interval else None
    return {**_fraction(measure), "percent": percent(rate, decimals) if rate.defined else None, "interval": bounds}


def _fraction(measure: Measure) -> dict[str, Any]:
    return {"numerator": measure.rate.numerator, "denominator": measure.rate.denominator}
