"""Commands on places after their selection."""

from datetime import datetime

import msgspec

from shared.events.enrolment import Cause, Undoing


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """Registration on the platform; ``closes_at`` is inclusive, None while the place has no class."""

    place_id: str
    closes_at: datetime | None = None


class Assign(msgspec.Struct, frozen=True, kw_only=True):
    """Give the place its class. ``replaces`` names the cancelled class that the place may leave for it."""

    place_id: str
    class_id: str
    institution_id: str
    institution_path: str
    replaces: str | None = None


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    """The person is there; the window is inclusive at both ends."""

    place_id: str
    class_id: str
    method: str
    opens_at: datetime
    closes_at: datetime


class Excuse(msgspec.Struct, frozen=True, kw_only=True):
    """Accept an absence for a reason of the policy."""

    place_id: str
    reason: str
    evidence: list[str]
    accepted_by: str


class Expect(msgspec.Struct, frozen=True, kw_only=True):
    """The place is on the list of the class at the moment its check-in closes."""

    place_id: str
    class_id: str


class DropOut(msgspec.Struct, frozen=True, kw_only=True):
    """Record a dropout without accepted reason."""

    place_id: str
    cause: Cause
    evidence: list[str] = []


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Take back a recorded dropout; ``evidence`` names what was written about it."""

    place_id: str
    why: Undoing
    evidence: list[str] = []


class Complete(msgspec.Struct, frozen=True, kw_only=True):
    """The person completed the class."""

    place_id: str


class Revoke(msgspec.Struct, frozen=True, kw_only=True):
    """The place falls to a confirmed ban."""

    place_id: str
    entry_id: str


class Restore(msgspec.Struct, frozen=True, kw_only=True):
    """Give back a place that fell to an entry."""

    place_id: str
    entry_id: str


class Replace(msgspec.Struct, frozen=True, kw_only=True):
    """Give the place to a substitute; ``closes_at`` is inclusive, None while the place has no class."""

    place_id: str
    substitute_place_id: str
    closes_at: datetime | None = None
