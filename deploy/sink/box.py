"""What was received: in memory, and in a file of JSON lines that outlives the process."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace


class Attachment(Struct, frozen=True):
    """A part of a mail that is not its text."""

    name: str
    type: str
    text: str


class Message(Struct, frozen=True, kw_only=True):
    """One message as its receiver has it. ``message_id`` is the sender's, ``attempt_id`` the reference of this delivery."""

    n: int
    channel: str
    message_id: str
    attempt_id: str
    to: str
    sender: str
    text: str
    received_at: datetime
    dated: str | None = None
    subject: str | None = None
    html: str | None = None
    headers: Sequence[tuple[str, str]] = ()
    attachments: Sequence[Attachment] = ()
    template: str | None = None
    variables: dict[str, str] = {}
    parts: int | None = None
    receipt: str | None = None


class Receipt(Struct, frozen=True):
    """A delivery report that the sender is still owed, at once or not before ``due``."""

    key: str
    out_id: str
    phone: str
    success: bool
    code: str
    at: datetime
    due: datetime | None = None


class Box:
    """Messages in the order of their arrival, and the receipts that are not pushed yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._messages: dict[int, Message] = {}
        self._deliveries: dict[str, list[int]] = {}
        self.owed: dict[str, Receipt] = {}
        self._next = 1
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._read()
        self._file = path.open("a", encoding="utf-8")
        self._file.write("\n")  # what a kill cut off stays on a line of its own

    def _read(self) -> None:
        """Read the file; a last line that was cut off by a kill is left out, as its sender got no answer."""
        for line in filter(None, self._path.read_text("utf-8").splitlines()):
            try:
                self._replay(json.loads(line))
            except ValueError:
                continue

    def _replay(self, said: dict[str, Any]) -> None:
        kind, value = said["kind"], said["value"]
        if kind == "message":
            self._add(msgspec.convert(value, Message))
        elif kind == "owed":
            receipt = msgspec.convert(value, Receipt)
            self.owed[receipt.key] = receipt
        elif kind == "pushed":
            self._report(value)
        elif kind == "forgotten":
            del self._messages[value]

    def _write(self, kind: str, value: object) -> None:
        self._file.write(msgspec.json.encode({"kind": kind, "value": value}).decode() + "\n")
        self._file.flush()

    def keep(self, **said: Any) -> Message:
        """Keep one message; its number is its place in the order of arrival."""
        message = Message(n=self._next, received_at=datetime.now(UTC), **said)
        self._write("message", message)
        self._add(message)
        return message

    def _add(self, message: Message) -> None:
        self._messages[message.n] = message
        self._deliveries.setdefault(message.attempt_id, []).append(message.n)
        self._next = message.n + 1

    @property
    def messages(self) -> Sequence[Message]:
        """All that are kept, the oldest first."""
        return list(self._messages.values())

    def owe(self, receipt: Receipt) -> None:
        """A receipt that is to be pushed."""
        self._write("owed", receipt)
        self.owed[receipt.key] = receipt

    def due(self, now: datetime, most: int) -> Sequence[Receipt]:
        """At most so many receipts that are due, in the order in which they were promised."""
        return list(islice((r for r in self.owed.values() if r.due is None or r.due <= now), most))

    def next_due(self) -> datetime | None:
        """When the first of those is due that are promised for later."""
        return min((r.due for r in self.owed.values() if r.due is not None), default=None)

    def pushed(self, keys: Sequence[str]) -> None:
        """Receipts that the sender took."""
        for key in keys:
            self._write("pushed", key)
            self._report(key)

    def _report(self, key: str) -> None:
        receipt = self.owed.pop(key, None)
        if receipt is not None:
            said = "delivered" if receipt.success else "failed"
            self._messages |= {m.n: replace(m, receipt=said) for m in self.find(receipt.out_id)}

    def forget(self, channel: str, count: int) -> int:
        """Drop the newest messages of a channel, so that a check can be shown to fail; gives how many."""
        gone = [m.n for m in self.messages if m.channel == channel][-count:]
        for n in gone:
            self._write("forgotten", n)
            del self._messages[n]
        return len(gone)

    def find(self, attempt_id: str) -> list[Message]:
        """All deliveries of one attempt (more than one would be the sender's mistake)."""
        return [self._messages[n] for n in self._deliveries.get(attempt_id, ()) if n in self._messages]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
