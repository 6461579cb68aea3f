"""Integrity record and ban rule."""

from typing import Annotated, Final, Literal

from shared.policy.common import (
    Anchor,
    Duration,
    EvidenceRef,
    FormRef,
    Key,
    Noted,
    OfficeRef,
    PlanLevelRef,
    Text,
    UnitCode,
    ref,
)

LeavesNoTrace = Literal["not_chosen", "replaced_before_closing", "cancelled_class"]
Evidence = Literal["notice_delivered", "class_held_as_announced", "institution_statement", "closing_record"]


FACTS: Final = frozenset(
    {
        "selected",
        "notified",
        "registered",
        "checked_in",
        "completed",
        "excused",
        "left",
        "no_show",
        "dismissed",
        "not_completed",
    }
)


class FactSign(Noted, frozen=True, kw_only=True, omit_defaults=True):
    fact: Annotated[str, ref("fact", "P115")]
    sign: Literal["good", "neutral", "bad"]


class Integrity(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Facts kept for ever, good and bad, and what never leaves a trace (L01, L13)."""

    record: tuple[FactSign, ...]
    never: tuple[LeavesNoTrace, ...]
    follows: Literal["person"]


class BanCause(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Why an entry is proposed; empty ``forms`` means any form."""

    key: Literal["no_show", "dismissed", "not_completed"]
    names: Text
    raised_at: Literal["checkin_closed", "dismissal", "project_closed"]
    excusable: bool
    evidence: tuple[Evidence, ...]
    forms: tuple[FormRef, ...] = ()


class BanScope(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What is barred; a class is in scope when any of its forms is."""

    plan_levels: tuple[PlanLevelRef, ...]
    forms: Literal["all"] | tuple[FormRef, ...]
    exempt_types: tuple[str, ...] = ()


class BanOverride(Noted, frozen=True, kw_only=True, omit_defaults=True):
    by: UnitCode
    reason: Literal["required"]
    evidence: tuple[EvidenceRef, ...]


class BanStart(Noted, frozen=True, kw_only=True, omit_defaults=True):
    anchor: Literal["confirmed", "class_end", "checkin_closed"]


class StartDay(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the first day is blocked, and whether it is counted in the length."""

    blocked: bool
    counted: bool


class Appeal(Noted, frozen=True, kw_only=True, omit_defaults=True):
    allowed: bool
    within: Duration
    decide_within: Duration
    decided_by: UnitCode


class Confirmation(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How many persons confirm, in which offices, and not before when (L09, L10)."""

    by: UnitCode
    persons: int
    offices: tuple[OfficeRef, ...]
    not_before: Anchor
    reason: Literal["required"]


class Lifting(Noted, frozen=True, kw_only=True, omit_defaults=True):
    by: UnitCode
    reason: Literal["required"]


class ExistingPlaces(Noted, frozen=True, kw_only=True, omit_defaults=True):
    action: Literal["revoke", "hold", "keep"]


class BanRule(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The rule of this programme year; an entry stores its key and version and keeps them (L11)."""

    key: Key
    version: int
    names: Text
    authority: UnitCode
    causes: tuple[BanCause, ...]
    accepted_reasons: Literal["all"] | tuple[Annotated[str, ref("reason")], ...]
    cohort_kinds: tuple[Literal["trainee", "participant", "mentor"], ...]
    scope: BanScope
    force: Literal["absolute", "in_principle"]
    override: BanOverride | None = None
    length: Duration
    start: BanStart
    start_day: StartDay
    reply_window: Duration
    appeal: Appeal | None
    confirmation: Confirmation
    lifting: Lifting
    existing_places: ExistingPlaces
    checked_against: Literal["class_start"]
    checked_at: tuple[
        Literal["selection", "substitution", "promotion", "class_assigned", "class_moved", "checkin"], ...
    ]
    undo_on: tuple[Literal["attendance_corrected", "reason_accepted", "class_cancelled", "quashed"], ...]
