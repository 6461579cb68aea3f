"""What is taught, and what becomes of it afterwards."""

from decimal import Decimal
from typing import Literal

from shared.policy.common import Duration, FormRef, Key, Noted, SourceRef, Text, Words


class PracticeShare(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The least share of practice in a timetable; exactly that share is enough (C06)."""

    min: Decimal
    of: Literal["timetable_hours"]
    force: Literal["strict", "in_principle"]


class Topic(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    names: Text


class Compulsory(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Topics for everybody; their hours lie inside those of the phases or come on top (C02, C03)."""

    form: FormRef
    manner: Text
    hours: Literal["within_phase_hours", "extra"]
    expect_count: int | None = None
    topics: tuple[Topic, ...]


class Layering(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What training differs by; text, nothing computes with it (C05)."""

    by: tuple[Literal["stage", "type", "post"], ...]


class Content(Noted, frozen=True, kw_only=True, omit_defaults=True):
    practice_share: PracticeShare | None
    compulsory: Compulsory | None
    standards: tuple[SourceRef, ...] = ()
    layering: Layering | None = None
    manner: Words | None = None


class UseOfTrained(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What trained teachers do afterwards is recorded (Q26)."""

    keep_record: bool


class Accompany(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Rounds of support after the training, counted from its end (C13)."""

    by: tuple[Literal["institution", "county"], ...]
    rounds: tuple[Duration, ...]


class FollowUp(Noted, frozen=True, kw_only=True, omit_defaults=True):
    use_of_trained: UseOfTrained | None
    accompany: Accompany | None


class Survey(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Who may be asked whether they were content (M15)."""

    optional: bool
    of: tuple[Literal["trainee", "school"], ...]
