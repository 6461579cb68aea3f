"""What a readable policy is refused for. Each check is pure and yields findings; the loader puts them into words."""

from collections.abc import Iterator

from shared.policy.checks import (
    bans,
    catalogue,
    dates,
    documents,
    formulas,
    money,
    quota,
    reminders,
    satisfiable,
    structures,
    units,
)
from shared.policy.errors import Finding
from shared.policy.model import Policy
from shared.policy.units import KnownUnits

_ALL = (
    units.check,
    dates.check,
    catalogue.check,
    quota.check,
    structures.check,
    documents.check,
    money.check,
    formulas.check,
    reminders.check,
    bans.check,
    satisfiable.check,
)


def findings(policy: Policy, known: KnownUnits | None) -> Iterator[Finding]:
    """Every mistake of a policy; those about units only where the units are known."""
    for check in _ALL:
        yield from check(policy, known)
