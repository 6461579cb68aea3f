"""Which parts of Shipei a role sees in the bar, from ``navigation.yaml``."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _plan() -> dict[str, Any]:
    plan: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "navigation.yaml").read_text(encoding="utf-8"))
    return plan


def role_of(principal: Any) -> str | None:
    """The role that the shell shows: the first one of the principal's grants; None for a stranger."""
    grants = getattr(principal, "grants", ())
    return grants[0].role if grants else None


def entries(principal: Any) -> Sequence[tuple[str, str]]:
    """Key and address of each entry, in order."""
    plan = _plan()
    return [(key, plan["addresses"][key]) for key in plan["roles"].get(role_of(principal), ())]


def home_of(role: str) -> str:
    """Where a role begins after it has come in: its first entry besides the front page."""
    plan = _plan()
    keys = plan["roles"].get(role, ())[1:2]
    return next((plan["addresses"][k] for k in keys), "/")
