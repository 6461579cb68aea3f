"""What a call to a channel can come to, and how states may follow each other."""

from datetime import date, datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from shared.policy import Policy
from shared.policy.moments import into_window

Result = Literal["accepted", "rejected", "deferred", "in_doubt"]
RANK: Final = {"planned": 0, "sending": 1, "in_doubt": 2, "accepted": 3, "failed": 4, "delivered": 5}
BACK_OFF: Final = (2, 10, 60, 300, 900)


class Outcome(Struct, frozen=True):
    """The channel's answer. Deferred = it surely has nothing and may take it later; in doubt = nobody knows."""

    result: Result
    code: str | None = None
    reference: str | None = None

    @property
    def state(self) -> str:
        """The row's state after it."""
        return {"accepted": "accepted", "rejected": "failed", "deferred": "planned", "in_doubt": "in_doubt"}[
            self.result
        ]


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


def rises(old: str, new: str) -> bool:
    """Whether a state may follow: a late "accepted" never lowers "delivered"."""
    return RANK.get(new, -1) > RANK.get(old, -1)
