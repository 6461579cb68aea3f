"""Events of blacklist: ban entries, from proposal to decision."""

from datetime import date, datetime
from typing import ClassVar

import msgspec

from shared.events.base import Event


class Evidence(msgspec.Struct, frozen=True):
    """One piece of evidence that the rule asks for; ``reference`` points at the event that proves it."""

    kind: str
    present: bool
    reference: str | None = None


class BanRange(msgspec.Struct, frozen=True):
    """What a confirmed entry bars: ``[starts_on, ends_before)``, for these levels and forms (empty forms = any form)."""

    plan_levels: list[str]
    forms: list[str]
    starts_on: date
    ends_before: date
    force: str


class BanEvent(Event, frozen=True, kw_only=True):
    """Common to all events of a ban entry."""

    topic: ClassVar[str] = "training.standing.v1"
    stream_field: ClassVar[str] = "entry_id"

    entry_id: str
    person_id: str


class BanProposed(BanEvent, frozen=True, kw_only=True):
    """A dropout led to a proposal. Nothing is decided."""

    type: ClassVar[str] = "training.ban.proposed.v1"

    place_id: str
    class_id: str
    cause: str
    policy_key: str
    rule_key: str
    rule_version: int
    unit_id: str
    unit_path: str
    proposed_at: datetime
    evidence: list[Evidence]
    complete: bool


class BanEvidenced(BanEvent, frozen=True, kw_only=True):
    """The evidence of an entry changed, for example by a receipt that came late."""

    type: ClassVar[str] = "training.ban.evidenced.v1"

    evidence: list[Evidence]
    complete: bool


class BanNotified(BanEvent, frozen=True, kw_only=True):
    """The notice of the proposal was delivered; the person may reply until ``reply_until`` (inclusive)."""

    type: ClassVar[str] = "training.ban.notified.v1"

    notified_at: datetime
    reply_until: datetime


class BanReplied(BanEvent, frozen=True, kw_only=True):
    """The person replied; the words stay in blacklist."""

    type: ClassVar[str] = "training.ban.replied.v1"

    replied_at: datetime


class BanConfirmed(BanEvent, frozen=True, kw_only=True):
    """Confirmed by the persons that the rule asks for; the ranges are computed here and nowhere else."""

    type: ClassVar[str] = "training.ban.confirmed.v1"

    confirmed_at: datetime
    rule_key: str
    rule_version: int
    unit_path: str
    ranges: list[BanRange]
    decided_by: list[str]


class BanQuashed(BanEvent, frozen=True, kw_only=True):
    """The entry is void; everything that followed from it is undone."""

    type: ClassVar[str] = "training.ban.quashed.v1"

    quashed_at: datetime
    reason: str


class BanAppealed(BanEvent, frozen=True, kw_only=True):
    """The person appealed against the decision; it is due by ``decide_by`` (inclusive). The words stay in blacklist."""

    type: ClassVar[str] = "training.ban.appealed.v1"

    appealed_at: datetime
    decide_by: datetime


class BanUpheld(BanEvent, frozen=True, kw_only=True):
    """The appeal was turned down; the ban stays as it is."""

    type: ClassVar[str] = "training.ban.upheld.v1"

    upheld_at: datetime
    decided_by: str


class BanLifted(BanEvent, frozen=True, kw_only=True):
    """The ban ends early; ``ranges`` are all that it bars, or ever barred. What was decided before is not undone."""

    type: ClassVar[str] = "training.ban.lifted.v1"

    lifted_at: datetime
    unit_path: str
    ranges: list[BanRange]
    decided_by: str


class BanOverridden(BanEvent, frozen=True, kw_only=True):
    """A ban that holds in principle does not stand against one programme year; the reason stays in blacklist."""

    type: ClassVar[str] = "training.ban.overridden.v1"

    policy_key: str
    overridden_at: datetime
    decided_by: str
