"""Events of notify: what happened to each message. A message is one reminder on one channel to one recipient."""

from datetime import datetime
from typing import ClassVar

from shared.events.base import Event


class MessageEvent(Event, frozen=True, kw_only=True):
    """Common to all events of a message. ``person_id`` or ``unit_id`` names the recipient; ``version`` is that of the announced date."""

    topic: ClassVar[str] = "training.message.v1"
    stream_field: ClassVar[str] = "message_id"

    message_id: str
    kind: str
    channel: str
    occurrence: str
    version: int
    subject_kind: str
    subject_id: str
    person_id: str | None = None
    unit_id: str | None = None
    place_id: str | None = None
    class_id: str | None = None
    entry_id: str | None = None
    proof: bool = False


class MessageSent(MessageEvent, frozen=True, kw_only=True):
    """The channel accepted the message; that is not delivery."""

    type: ClassVar[str] = "training.message.sent.v1"

    sent_at: datetime


class MessageDelivered(MessageEvent, frozen=True, kw_only=True):
    """A receipt says that the recipient's device or mailbox has it."""

    type: ClassVar[str] = "training.message.delivered.v1"

    delivered_at: datetime


class MessageFailed(MessageEvent, frozen=True, kw_only=True):
    """It will not arrive; ``reason`` is a code."""

    type: ClassVar[str] = "training.message.failed.v1"

    failed_at: datetime
    reason: str
