"""How a year is run: quota, selection, repeats and classes."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from shared.policy.common import (
    ChangeCauseRef,
    Count,
    Duration,
    FormRef,
    Key,
    LevelRef,
    Noted,
    PlanLevelRef,
    StaffRoleRef,
    Text,
    UnitListRef,
    ref,
)


class Full(Noted, frozen=True, kw_only=True, omit_defaults=True):
    required: bool


class Reach(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How far quota and notice go, and what proves it (Q03)."""

    quota_to: LevelRef
    notice_to: Literal["person"]
    proof: Literal["delivered"]


class Transfers(Noted, frozen=True, kw_only=True, omit_defaults=True):
    between: Literal["siblings", "any"]
    approved_by: Literal["parent", "root"]


class RuralShare(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A null ``warn_below`` shows the share and never warns (Q07)."""

    warn_below: Decimal | None
    of: tuple[Literal["rural_school", "front_line"], ...] = ()

    def __post_init__(self) -> None:
        if self.warn_below is not None and self.warn_below > 1:
            raise ValueError("a share is at most 1")


class QuotaSplit(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Quota is shown apart for units on a list and all others (Q06)."""

    by: Literal["project_county"]
    list: UnitListRef


class QuotaRules(Noted, frozen=True, kw_only=True, omit_defaults=True):
    sum_check: Literal["each_level"]
    over_selection: Literal["refuse"]
    full: Full
    reach: Reach
    transfers: Transfers | None
    rural_share: RuralShare
    splits: tuple[QuotaSplit, ...] = ()


class SelectionOverride(Noted, frozen=True, kw_only=True, omit_defaults=True):
    by_level: LevelRef
    reason: Literal["required"]
    counts_in: Literal["selection_quality"]


class Reserve(Noted, frozen=True, kw_only=True, omit_defaults=True):
    offer_expires: Duration


class TeacherPlan(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What a unit's plan of its teachers' trainings shows, over which plan levels (Q10)."""

    plan_levels: tuple[PlanLevelRef, ...]
    shows: tuple[Literal["time", "form", "count"], ...]


class Selection(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``path`` runs upward; the final level selects."""

    path: tuple[LevelRef, ...]
    final_level: LevelRef
    override: SelectionOverride | None
    reserve: Reserve | None
    teacher_plan: TeacherPlan | None = None


class Cycle(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The continuing-education cycle: its length, and the first day of one."""

    years: int
    starts: dt.date


class RepeatLimit(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """At most ``max`` trainings that agree in all of ``same`` within one cycle (Q08)."""

    key: Key
    same: tuple[Literal["type", "subject", "theme", "project"], ...]
    within: Literal["cycle"]
    max: int
    force: Literal["strict", "in_principle"]


class AwayDays(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Days away from home that every teacher should reach in a cycle (Q09)."""

    min: int
    per: Literal["cycle"]
    forms: tuple[FormRef, ...]
    action: Literal["list", "warn"]


class Repeat(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Two classes with common days are always refused (Q08)."""

    overlap: Literal["refuse"]
    recheck: tuple[Literal["class_assigned", "class_moved"], ...]
    cycle: Cycle | None = None
    limits: tuple[RepeatLimit, ...] = ()
    away_days: AwayDays | None = None


class Themes(Noted, frozen=True, kw_only=True, omit_defaults=True):
    count: int


class StaffRole(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody without whom a class can't be scheduled or opened (A08, A09)."""

    role: StaffRoleRef
    per: Literal["project", "class"]
    count: Count
    needed_for: Literal["open", "schedule"]
    checkin_contact: bool = False


class MixedForms(Noted, frozen=True, kw_only=True, omit_defaults=True):
    allowed: bool


class TeachingRecord(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Work in a programme that counts as workload, for export (C11)."""

    export: bool
    of: tuple[Literal["plan_writing", "teaching", "service"], ...]


class ClassManagementMoney(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Required; a null amount was not stated (C11)."""

    required: bool
    amount_fen: int | None


class Classes(Noted, frozen=True, kw_only=True, omit_defaults=True):
    themes: Themes
    staff: tuple[StaffRole, ...]
    scheduled_by: Literal["institution"]
    mixed_forms: MixedForms
    order_of_dates: Literal["earliest_deadline_rules"]
    change_causes: tuple[ChangeCauseRef, ...]
    end_by: Annotated[str, ref("deadline")] | None
    safety: Text | None = None
    teaching_record: TeachingRecord | None = None
    class_management_money: ClassManagementMoney | None = None
