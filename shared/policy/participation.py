"""From registration to completion."""

from decimal import Decimal
from typing import Literal

from shared.policy.common import Duration, EvidenceRef, Key, LevelRef, Moment, Noted, Text


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


class Substitution(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Until when and by whom somebody is replaced; once for each of ``once_per``."""

    until: Literal["checkin_closes"]
    by: Literal["sending_unit"]
    reason: Literal["required"]
    approved_by: Literal["parent"]
    once_per: tuple[Literal["project", "institution"], ...]
    unqualified_may_be_replaced: bool


class AcceptedReason(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """An absence for this reason, with this evidence, is nobody's fault (L05)."""

    key: Key
    names: Text
    evidence: tuple[EvidenceRef, ...]


class AcceptedBy(Noted, frozen=True, kw_only=True, omit_defaults=True):
    level: LevelRef


class Attendance(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Whether days are recorded one by one, and which share of them completes (C12)."""

    record: Literal["optional", "required"]
    min_share: Decimal
    leave_counts_as_present: bool


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
    substitution: Substitution | None = None
    attendance: Attendance | None = None
