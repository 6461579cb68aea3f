"""Money in whole fen: rates, what they are multiplied with, and sums that prove the reading."""

from typing import Annotated, Literal

from shared.policy.common import CohortRef, FormRef, Key, Noted, StructureRef, Text, Words, ref

RateRef = Annotated[str, ref("rate")]


class Rate(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """So much for each of ``per``, in these forms or for these structures (B01, B02, B03)."""

    key: Key
    names: Text
    amount_fen: int
    per: tuple[Literal["person", "day", "hour", "structure"], ...]
    forms: tuple[FormRef, ...] = ()
    structures: tuple[StructureRef, ...] = ()


class Counts(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Which people are paid for in plan and account; days and hours are those of the phases."""

    plan: Literal["quota"]
    actual: Literal["checked_in"]
    days: Literal["phase_amount"]
    hours: Literal["phase_amount"]


class Funding(Noted, frozen=True, kw_only=True, omit_defaults=True):
    given_by: Words
    kind: Literal["earmarked"]


class Accounts(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What has to be kept (B04, B05)."""

    budget_and_final: Literal["required"]
    vouchers: Literal["keep"]


class Example(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A sum that the validator works out again: a cohort and so many of it, or a structure."""

    rates: tuple[RateRef, ...]
    expect_fen: int
    cohort: CohortRef | None = None
    persons: int | None = None
    structure: StructureRef | None = None

    def __post_init__(self) -> None:
        if (self.cohort is None) == (self.structure is None) or (self.cohort is None) != (self.persons is None):
            raise ValueError("a cohort and persons, or a structure")


class Money(Noted, frozen=True, kw_only=True, omit_defaults=True):
    currency: Literal["CNY"]
    rates: tuple[Rate, ...]
    counts: Counts | None = None
    funding: Funding | None = None
    accounts: Accounts | None = None
    examples: tuple[Example, ...] = ()
