"""Formulas, table rules and entrants for tests."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.reporting.league.domain.counting import Counts
from services.reporting.league.domain.ranking import Entrant
from shared.policy.tables import Formula, TableRules

NAMES = {"zh": "报到率", "en": "Check-in rate"}
RULES: dict[str, Any] = {
    "min_size": 10, "small_units": "own_table", "ties": "competition", "tie_order": "unit_code",
    "rounding": {"mode": "half_up", "decimals": 2}, "zero_denominator": "not_ranked", "interval": "wilson_95",
    "excused_in_expected": True, "without_checkin_use": "registered", "count_once": [],
    "leave_out": ["not_chosen", "replaced_before_closing", "cancelled_class"], "as_of": "event_time",
}  # fmt: skip


def rules(**changes: Any) -> TableRules:
    return msgspec.convert({**RULES, **changes}, TableRules)


def formula(numerator: str | None = "checked_in", denominator: str | None = "expected", **changes: Any) -> Formula:
    return msgspec.convert(
        {"key": "checkin", "version": 1, "names": NAMES, "numerator": numerator, "denominator": denominator, **changes},
        Formula,
    )


def entrant(code: str, counts: Mapping[str, Any], *keys: str) -> Entrant:
    plain = Counts(**counts)
    return Entrant(
        f"id-{code}", code, f"/top/id-{code}/", code, code, dict.fromkeys(keys or ("checkin",), plain), plain
    )
