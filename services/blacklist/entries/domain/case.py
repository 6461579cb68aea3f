"""What is known about one dropout, from whatever stream it came; the entry is a function of it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from shared.events.blacklist import BanRange, Evidence
from shared.policy import Policy
from shared.policy.bans import BanRule
from shared.policy.sources import Terms

ENTRIES = UUID("5e2d8d4e-6f0a-4d53-9d0a-0c5c3f7f4b11")
State = Literal["proposed", "notified", "confirmed", "lifted", "quashed"]


class Rule(msgspec.Struct, frozen=True):
    """The ban rule of one revision of a programme year, with what it needs from other sections."""

    policy: str
    timezone: str
    notices: tuple[str, ...]
    ban: BanRule
    terms: Terms = Terms()


class Dropout(msgspec.Struct, frozen=True):
    """A dropout as enrolment recorded it. ``stated``: it came with evidence of its own. ``withdrawn``: what undid it."""

    place_id: str
    cause: str
    event_id: str
    person_id: str
    class_id: str
    policy_key: str
    cohort_kind: str
    forms: tuple[str, ...]
    unit_id: str
    unit_path: str
    institution_path: str
    occurred_at: datetime
    stated: bool
    withdrawn: str | None = None


class Course(msgspec.Struct, frozen=True):
    """The class that was missed or left. ``held`` is None until check-in closed; ``*_event`` name their proofs."""

    class_id: str
    date_version: int = 0
    ends_on: date | None = None
    held: bool | None = None
    closed_at: datetime | None = None
    closed_event: str | None = None
    ended_event: str | None = None
    cancelled: bool = False


class Notice(msgspec.Struct, frozen=True):
    """A message that reached the person. ``about_class``: the class whose announced date, of ``date_version``, it told."""

    event_id: str
    kind: str
    proof: bool
    date_version: int
    delivered_at: datetime
    about_class: str | None = None
    entry_id: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A ban entry. It keeps the rule that made it: later text does not change old entries (L11)."""

    entry_id: str
    place_id: str
    cause: str
    person_id: str
    class_id: str
    policy_key: str
    unit_id: str
    unit_path: str
    institution_path: str
    rule: Rule
    proposed_at: datetime
    evidence: tuple[Evidence, ...]
    complete: bool
    state: State = "proposed"
    notified_at: datetime | None = None
    reply_until: datetime | None = None
    replied_at: datetime | None = None
    confirmed_at: datetime | None = None
    decided_by: tuple[str, ...] = ()
    ranges: tuple[BanRange, ...] = ()
    appealed_at: datetime | None = None
    decide_by: datetime | None = None
    upheld_at: datetime | None = None
    lifted_at: datetime | None = None
    quashed_at: datetime | None = None
    quash_reason: str | None = None
    overridden: tuple[str, ...] = ()
    version: int = 0


class Case(msgspec.Struct, frozen=True):
    """A dropout with everything that bears on it; ``expected``: the place was on the list when check-in closed."""

    dropout: Dropout
    rule: Rule | None = None
    course: Course | None = None
    notices: tuple[Notice, ...] = ()
    expected: bool = False
    replaced: bool = False
    entry: Entry | None = None

    @property
    def entry_id(self) -> str:
        """The id of the entry, made or still to be made."""
        return entry_id(self.dropout.place_id, self.dropout.cause)


def entry_id(place_id: str, cause: str) -> str:
    """The id of the one entry of a place and a cause: the same after a rebuild, however often the dropout comes."""
    return str(uuid5(ENTRIES, f"{place_id}/{cause}"))


def rule_of(policy: Policy) -> Rule | None:
    """The ban rule of a programme year with the kinds of message that tell of a proposal; None where it has none."""
    if policy.ban is None:
        return None
    tells = tuple(p.key for p in policy.reminders.plans if p.anchor.event == "ban_proposed")
    return Rule(policy.version, policy.calendar.timezone, tells, policy.ban, policy.terms)
