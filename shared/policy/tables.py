"""Formulas, rankings and the rules of tables."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from shared.policy.common import Key, ListRef, Noted, ProjectRef, Text, UnitListRef, ref

Fact = Annotated[
    Literal[
        "quota",
        "selected",
        "registered",
        "expected",
        "checked_in",
        "completed",
        "met_every_condition",
        "documents_due",
        "documents_on_time",
    ],
    Meta(extra={"code": "P090.fact"}),
]
FormulaRef = Annotated[str, ref("formula")]


class Formula(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One fraction, or one score out of ``max``. A change of any part is a new version."""

    key: Key
    version: int
    names: Text
    numerator: Fact | None = None
    denominator: Fact | None = None
    exclude: tuple[Literal["excused"], ...] = ()
    value: Literal["inspection_score"] | None = None
    max: Decimal | None = None


class Ranked(Noted, frozen=True, kw_only=True, omit_defaults=True):
    level: Annotated[str, ref("ranked")]
    list: UnitListRef | None = None


class LeaveOut(Noted, frozen=True, kw_only=True, omit_defaults=True):
    projects: tuple[ProjectRef, ...] = ()


class Use(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What a ranking is exported for; ``list``: the managed list that it feeds (M12)."""

    key: Key
    names: Text
    list: ListRef | None = None


class Ranking(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Each measure of ``by`` gives a rank; those of ``beside`` are shown unranked."""

    key: Key
    names: Text
    ranked: Ranked
    within: Literal["group", "project"]
    by: tuple[FormulaRef, ...]
    beside: tuple[FormulaRef, ...]
    used_for: tuple[Use, ...]
    leave_out: LeaveOut | None = None


class Rounding(Noted, frozen=True, kw_only=True, omit_defaults=True):
    mode: Literal["half_up"]
    decimals: int


class TableRules(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What the notices leave open about tables (M16); printed with each table."""

    min_size: int
    small_units: Literal["own_table", "not_ranked", "with_the_rest"]
    ties: Literal["competition", "dense"]
    tie_order: Literal["unit_code"]
    rounding: Rounding
    zero_denominator: Literal["not_ranked"]
    interval: Literal["wilson_95"]
    excused_in_expected: bool
    without_checkin_use: Literal["registered"]
    count_once: tuple[UnitListRef, ...]
    leave_out: tuple[Literal["not_chosen", "replaced_before_closing", "cancelled_class"], ...]
    as_of: Literal["event_time"]
