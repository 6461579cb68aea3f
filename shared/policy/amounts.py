"""Sums that follow from a policy: how many structures there are, what people and structures cost. Pure."""

from collections.abc import Iterable

from shared.policy.lookup import cohort, rate, structure
from shared.policy.model import Policy
from shared.policy.money import Example, Rate
from shared.policy.structures import Structure
from shared.policy.units import KnownUnits


def members(known: KnownUnits | None, key: str | None) -> int | None:
    """How many units a list has; None where that is not known here."""
    listed = known.lists.get(key or "") if known and known.lists is not None else None
    return None if listed is None else len(listed)


def instances(entry: Structure, known: KnownUnits | None) -> int | None:
    """How many structures of a kind there are in all; None where their number is free or the list is not known."""
    if entry.number is None:
        return None
    units = 1 if entry.number.per is None else members(known, entry.number.per)
    return None if units is None else units * entry.number.count


def cost_of_people(policy: Policy, cohort_key: str, persons: int, rates: Iterable[Rate]) -> int:
    """Fen for so many of a cohort who go through all its phases (B01, B02)."""
    phases = cohort(policy, cohort_key).phases
    return sum(
        persons * phase.amount.value * entry.amount_fen
        for entry in rates
        for phase in phases
        if phase.form in entry.forms and phase.amount.unit.removesuffix("s") in entry.per
    )


def cost_of_structures(entry: Structure, rates: Iterable[Rate], known: KnownUnits | None) -> int | None:
    """Fen for all structures of a kind; None where their number is not known (B03)."""
    number = instances(entry, known)
    paid = sum(rate.amount_fen for rate in rates if entry.key in rate.structures)
    return None if number is None else number * paid


def worked_out(policy: Policy, example: Example, known: KnownUnits | None) -> int | None:
    """What the rates give for an example of the file."""
    rates = [rate(policy, key) for key in example.rates]
    if example.structure is not None:
        return cost_of_structures(structure(policy, example.structure), rates, known)
    return cost_of_people(policy, example.cohort or "", example.persons or 0, rates)
