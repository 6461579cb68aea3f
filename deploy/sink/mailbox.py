"""What has arrived: one list of messages of both channels, in the order of arrival."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


class Message(msgspec.Struct, kw_only=True):
    """One mail or SMS as it arrived. ``reference`` is the sender's id of its attempt."""

    n: int
    channel: str
    to: str
    text: str
    reference: str
    received_at: str
    subject: str = ""
    html: str = ""
    headers: dict[str, str] = {}
    attachments: list[str] = []
    template: str = ""
    variables: dict[str, Any] = {}
    receipt: str = "none"


class Mailbox:
    """Messages in memory, each also a line of ``file`` if one is given. A later line of the same number replaces."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._messages: dict[int, Message] = {}
        if file is not None and file.exists():
            decode = msgspec.json.Decoder(Message).decode
            for line in _whole_lines(file):
                self.keep(decode(line), write=False)

    def keep(self, message: Message, *, write: bool = True) -> Message:
        """Store a message, or its new state."""
        self._messages[message.n] = message
        if write and self._file is not None:
            with self._file.open("ab") as out:
                out.write(msgspec.json.encode(message) + b"\n")
        return message

    def next_number(self) -> int:
        """The number of the next message, from 1."""
        return max(self._messages, default=0) + 1

    def get(self, number: int) -> Message | None:
        """One message."""
        return self._messages.get(number)

    def find(self, **wanted: str | None) -> list[Message]:
        """Messages whose fields equal all that is given, oldest first."""
        given = {k: v for k, v in wanted.items() if v is not None}
        return [m for m in self._messages.values() if all(getattr(m, k) == v for k, v in given.items())]

    def forget(self, count: int, channel: str | None = None) -> int:
        """Drop the newest messages; gives how many were dropped."""
        numbers = [m.n for m in self.find(channel=channel)][-count:]
        for number in numbers:
            del self._messages[number]
        return len(numbers)


def _whole_lines(file: Path) -> Iterator[bytes]:
    """A line that a kill cut short is not a message."""
    return (line for line in file.read_bytes().splitlines(keepends=True) if line.endswith(b"\n"))
