"""What the sink does wrong on command."""

from dataclasses import dataclass
from typing import Final, Literal

Channel = Literal["email", "sms"]
Mode = Literal[
    "ok", "fail", "busy", "late_answer", "drop_answer", "twice", "no_receipt", "fail_receipt", "late_receipt"
]
OK: Final[Mode] = "ok"


@dataclass
class Order:
    """A mode for the next ``count`` messages of a channel (None: until told otherwise)."""

    mode: Mode = OK
    count: int | None = None
    seconds: float = 1.0


class Behaviour:
    """The present order of each channel."""

    def __init__(self) -> None:
        self.orders: dict[Channel, Order] = {"email": Order(), "sms": Order()}

    def next(self, channel: Channel) -> Order:
        """The order for the message at hand; counts it."""
        order = self.orders[channel]
        if order.count is None:
            return order
        taken = Order(order.mode, 1, order.seconds)
        order.count -= 1
        if order.count <= 0:
            self.orders[channel] = Order()
        return taken
