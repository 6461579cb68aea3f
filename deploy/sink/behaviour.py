"""How the sink behaves on command: the ways in which real gateways and mail servers fail."""

from typing import Literal

from pydantic import BaseModel, Field

Mode = Literal["ok", "fail", "busy", "late_answer", "drop_answer", "lose", "twice", "no_receipt", "fail_receipt",
               "late_receipt"]  # fmt: skip
Channel = Literal["sms", "email"]


class Behaviour(BaseModel):
    """The next ``count`` messages of a channel (None = all from now on), only those to ``to`` if it is given.

    fail: refused for good, with ``code``. busy: refused for now. late_answer: taken at once, answered after ``seconds``.
    drop_answer: taken, the answer is lost. lose: not taken, no answer in time. twice: the receipt comes twice. no_receipt.
    fail_receipt: taken, then a failed receipt with ``code``. late_receipt: the receipt comes after ``seconds``.
    """

    channel: Channel
    mode: Mode
    count: int | None = Field(default=None, ge=1)
    seconds: float = Field(default=1, ge=0, le=600)
    code: str | None = None
    to: str | None = None


class Switchboard:
    """The behaviours in force, one a channel."""

    def __init__(self) -> None:
        self._set: dict[str, Behaviour] = {}

    def set(self, behaviour: Behaviour) -> None:
        """Behave so from now on."""
        self._set[behaviour.channel] = behaviour

    def next(self, channel: Channel, to: str) -> Behaviour:
        """The behaviour for one message; a counted one is used up by it."""
        found = self._set.get(channel)
        if found is None or (found.to is not None and found.to != to):
            return Behaviour(channel=channel, mode="ok")
        if found.count is not None:
            left = found.count - 1
            self._set[channel] = (
                found.model_copy(update={"count": left}) if left else Behaviour(channel=channel, mode="ok")
            )
        return found

    def shown(self) -> list[Behaviour]:
        """What is in force."""
        return list(self._set.values())
