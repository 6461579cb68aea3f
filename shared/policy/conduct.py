"""How a year is run: quota, selection, repeats, classes and participation."""

from decimal import Decimal
from typing import Annotated, Literal

from shared.policy.common import Count, Duration, Key, LevelRef, Moment, Noted, Text, ref


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
    """A null ``warn_below`` shows the share and never warns."""

    warn_below: Decimal | None

    def __post_init__(self) -> None:
        if self.warn_below is not None and self.warn_below > 1:
            raise ValueError("a share is at most 1")


class QuotaRules(Noted, frozen=True, kw_only=True, omit_defaults=True):
    sum_check: Literal["each_level"]
    over_selection: Literal["refuse"]
    full: Full
    reach: Reach
    transfers: Transfers | None
    rural_share: RuralShare


class SelectionOverride(Noted, frozen=True, kw_only=True, omit_defaults=True):
    by_level: LevelRef
    reason: Literal["required"]
    counts_in: Literal["selection_quality"]


class Reserve(Noted, frozen=True, kw_only=True, omit_defaults=True):
    offer_expires: Duration


class Selection(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``path`` runs upward; the final level selects."""

    path: tuple[LevelRef, ...]
    final_level: LevelRef
    override: SelectionOverride | None
    reserve: Reserve | None


class Repeat(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Two classes with common days are always refused (Q08)."""

    overlap: Literal["refuse"]
    recheck: tuple[Literal["class_assigned", "class_moved"], ...]


class Themes(Noted, frozen=True, kw_only=True, omit_defaults=True):
    count: int


class StaffRole(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody without whom a class can't be scheduled or opened (A08, A09)."""

    role: Key
    per: Literal["project", "class"]
    count: Count
    needed_for: Literal["open", "schedule"]
    checkin_contact: bool = False


class MixedForms(Noted, frozen=True, kw_only=True, omit_defaults=True):
    allowed: bool


class Classes(Noted, frozen=True, kw_only=True, omit_defaults=True):
    themes: Themes
    staff: tuple[StaffRole, ...]
    scheduled_by: Literal["institution"]
    mixed_forms: MixedForms
    order_of_dates: Literal["earliest_deadline_rules"]
    change_causes: tuple[Key, ...]
    end_by: Annotated[str, ref("deadline")] | None


class Registration(Noted, frozen=True, kw_only=True, omit_defaults=True):
    opens: Moment
    closes: Moment
    without_class_closes: Moment


class Checkin(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds of the check-in window where the class states none of its own."""

    opens: Moment
    closes: Moment
    methods: tuple[Literal["qr", "by_hand"], ...]
    correction_until: Moment


class AcceptedReason(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """An absence for this reason, with this evidence, is nobody's fault (L05)."""

    key: Key
    names: Text
    evidence: tuple[Key, ...]


class AcceptedBy(Noted, frozen=True, kw_only=True, omit_defaults=True):
    level: LevelRef


class Completion(Noted, frozen=True, kw_only=True, omit_defaults=True):
    needs: tuple[Literal["phases", "documents"], ...]
    phase_completion: Literal["per_year"]
    final_completion: Literal["once"]
    decided_by: Literal["institution"]
    decided_within: Duration


class Participation(Noted, frozen=True, kw_only=True, omit_defaults=True):
    registration: Registration
    checkin: Checkin
    accepted_reasons: tuple[AcceptedReason, ...]
    accepted_by: AcceptedBy
    completion: Completion
