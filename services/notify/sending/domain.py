"""What a call to a channel can come to, and how states may follow each other."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, get_args

from msgspec import Struct

from shared.events.notify import MessageDelivered, MessageEvent, MessageFailed, MessageSent
from shared.policy import Policy
from shared.policy.moments import into_window

Result = Literal["accepted", "rejected", "deferred", "in_doubt"]
RESULTS: Final[tuple[Result, ...]] = get_args(Result)
BACK_OFF: Final = (2, 10, 60, 300, 900)
TRIES: Final = 10
SAID: Final = ("message_id", "kind", "channel", "occurrence", "version", "subject_kind", "subject_id", "person_id", "unit_id",
               "place_id", "class_id", "entry_id", "proof")  # fmt: skip


class Outcome(Struct, frozen=True):
    """The channel's answer. Deferred = it surely has nothing and may take it later; in doubt = nobody knows."""

    result: Result
    code: str | None = None
    reference: str | None = None

    def state(self, tries: int) -> str:
        """The row's state after it; what is refused again and again has failed."""
        if self.result == "deferred":
            return "planned" if tries < TRIES else "failed"
        return {"accepted": "accepted", "rejected": "failed", "in_doubt": "in_doubt"}[self.result]


class Claimed(Struct, frozen=True):
    """A due row in a dispatcher's hands. ``merged`` are the subjects of the rows that this one speaks for."""

    message_id: str
    subject_kind: str
    subject_id: str
    recipient_kind: str
    recipient_id: str
    kind: str
    version: int
    channel: str
    policy_key: str
    template: str
    person_id: str | None
    unit_id: str | None
    place_id: str | None
    class_id: str | None
    entry_id: str | None
    unit_path: str | None
    institution_path: str | None
    announced: date | None
    previous: date | None
    latest_useful: datetime | None
    invitation: bool
    tries: int
    merged: tuple[str, ...]


def back_off(tries: int) -> timedelta:
    """How long to wait after the n-th refusal that may be repeated."""
    return timedelta(seconds=BACK_OFF[min(tries, len(BACK_OFF) - 1)])


def waits_until(now: datetime, policy: Policy) -> datetime | None:
    """When the send window opens again, if it is closed now."""
    opens = into_window(now, policy.reminders.send_window, policy.calendar)
    return opens if opens > now else None


def event_of(row: Mapping[str, Any], state: str, now: datetime) -> MessageEvent:
    """The event of a ledger row that became accepted, delivered, failed or unreachable."""
    said = {name: row[name] for name in SAID}
    if state == "accepted":
        return MessageSent(**said, sent_at=now)
    if state == "delivered":
        return MessageDelivered(**said, delivered_at=now)
    return MessageFailed(**said, failed_at=now, reason=row["reason"] or state)
