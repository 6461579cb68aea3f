"""Formulas that are half a fraction, and decimals that no rate has (P090, P092). Receivers and deadlines of documents are references (P070)."""

from collections.abc import Iterator
from typing import Final

from shared.policy.errors import Finding
from shared.policy.model import Policy
from shared.policy.tables import Formula
from shared.policy.units import KnownUnits

MOST_DECIMALS: Final = 6  # of a percentage: finer than one person among a hundred million


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """A formula is a fraction or a score, never half of either and never both; figures stay readable."""
    if policy.table_rules.rounding.decimals > MOST_DECIMALS:
        yield Finding("P092", "table_rules.rounding.decimals", {"most": MOST_DECIMALS})
    for formula in policy.formulas:
        if not _whole(formula):
            yield Finding("P090", f"formulas[{formula.key}]", {"key": formula.key})


def _whole(formula: Formula) -> bool:
    fraction = (formula.numerator is not None, formula.denominator is not None)
    score = (formula.value is not None, formula.max is not None)
    return (all(fraction) and not any(score)) or (all(score) and not any(fraction))
