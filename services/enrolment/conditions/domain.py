"""What conditions ask of lists and statements, and who may attest what (Q16, Q19)."""

from collections.abc import Iterable, Sequence

import msgspec

from shared.policy.eligibility import Attested, Condition, EmployerOnList, OnList, UnitOnList
from shared.policy.lookup import cohort
from shared.policy.model import Policy


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of a person: statements attested, and for each list that is there whether they are on it."""

    attested: list[str] = []
    lists: dict[str, bool] = {}


def lists_of(conditions: Iterable[Condition]) -> list[str]:
    """The lists that the conditions look people or their units up in."""
    return sorted({c.list for c in conditions if isinstance(c, OnList | UnitOnList | EmployerOnList)})


def attestable(policy: Policy, cohort_key: str) -> list[str]:
    """The statements that whoever sends people to the cohort gives about them, in the policy's order."""
    asked = cohort(policy, cohort_key).eligibility
    return list(dict.fromkeys(c.statement for c in asked if isinstance(c, Attested) and c.by != "institution"))


def owners(policy: Policy, programme_id: str) -> Sequence[str]:
    """Whose lists hold for a year: its own, and those of its units' data set."""
    return (programme_id, policy.units.dataset)
