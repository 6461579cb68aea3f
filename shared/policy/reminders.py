"""Reminders: who is told what, when, on which channels, and until when it is still useful."""

from datetime import time
from typing import Annotated, Final, Literal

from msgspec import Meta, field

from shared.policy.common import Duration, Key, LevelRef, Moment, Noted, OfficeRef, Text, ref

Clock = Annotated[time, Meta(extra={"quoted": True})]
EVENTS: Final = frozenset(
    {
        "notice_published",
        "trainee_selected",
        "nominee_not_chosen",
        "document_submitted",
        "class_opened",
        "class_changed",
        "bulletins_behind",
        "ban_proposed",
        "ban_decided",
    }
)
NEVER_SETTLED: Final = frozenset({"none", "place_left"})  # who has left the place is told nothing in any case
STOPS: Final = NEVER_SETTLED | {
    "quota_filled",
    "class_start_announced",
    "checked_in",
    "class_ended",
    "document_received",
    "replied",
    "decided",
}
Recipient = Literal[
    "trainee",
    "person",
    "told_before",
    "school_contact",
    "unit_contact",
    "parent_contact",
    "institution_contact",
    "class_staff",
    "office",
    "decider",
]


class SendWindow(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """First and last minute of the day at which a message may go out."""

    start: Clock = field(name="from")
    until: Clock


class Step(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One channel of a ladder, at once or after a while if the earlier ones brought no receipt."""

    use: Literal["email", "sms", "call_list"]
    after: Duration | None = None
    only_if: Literal["no_receipt"] | None = field(name="if", default=None)


class Ladder(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    steps: tuple[Step, ...]


class MessageGroups(Noted, frozen=True, kw_only=True, omit_defaults=True):
    merge_same_recipient_within: Duration


class Audience(Noted, frozen=True, kw_only=True, omit_defaults=True):
    to: Recipient
    levels: tuple[LevelRef, ...] = ()
    office: OfficeRef | None = None


class PlanAnchor(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Exactly one of: a deadline of the file, a moment (class_start, appeal_due …), an event."""

    deadline: Annotated[str, ref("deadline")] | None = None
    moment: Literal["class_start", "class_end", "appeal_due"] | None = None
    event: Annotated[str, ref("event", "P102")] | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.deadline, self.moment, self.event)) != 1:
            raise ValueError("one of deadline, moment, event")


class Offset(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """When, seen from the anchor: exactly one of before, after, at_once."""

    before: Duration | None = None
    after: Duration | None = None
    at_once: bool = False

    def __post_init__(self) -> None:
        if sum((self.before is not None, self.after is not None, self.at_once)) != 1:
            raise ValueError("one of before, after, at_once")


class Escalation(Noted, frozen=True, kw_only=True, omit_defaults=True):
    before: Duration | None = None
    after: Duration | None = None
    to: tuple[Audience, ...]

    def __post_init__(self) -> None:
        if (self.before is None) == (self.after is None):
            raise ValueError("before or after")


class ReminderPlan(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    names: Text
    audience: tuple[Audience, ...]
    anchor: PlanAnchor
    offsets: tuple[Offset, ...]
    latest_useful: Moment
    if_late: Literal["send_one_now", "merge", "drop"]
    stop_when: Annotated[str, ref("stop", "P102")]
    ladder: Annotated[str, ref("ladder")]
    escalate: tuple[Escalation, ...] = ()
    proof: Literal["delivered"] | None = None
    calendar_invitation: bool = False
    shows: tuple[Key, ...] = ()


class Reminders(Noted, frozen=True, kw_only=True, omit_defaults=True):
    send_window: SendWindow
    default_at: Clock
    ladders: tuple[Ladder, ...]
    groups: MessageGroups
    plans: tuple[ReminderPlan, ...]
