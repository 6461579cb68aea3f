"""Pushes delivery receipts to the sender, again and again until it takes them."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import httpx
import structlog

from deploy.sink.mailbox import Mailbox, Message

log = structlog.get_logger()
PAUSES: Final = (0.2, 1.0, 5.0, 15.0)


class Receipts:
    """Receipts under way; ``pending`` counts those that the sender has not taken yet."""

    def __init__(self, url: str, mailbox: Mailbox) -> None:
        self._url = url
        self._mailbox = mailbox
        self._http = httpx.AsyncClient(timeout=10)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """How many are still to be taken."""
        return len(self._tasks)

    def push(self, message: Message, *, success: bool, delay: float = 0) -> None:
        """Send a receipt in the background."""
        if not self._url:
            return
        task = asyncio.create_task(self._push(message, success=success, delay=delay))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is under way, as a provider's outage would."""
        for task in self._tasks:
            task.cancel()
        await self._http.aclose()

    async def _push(self, message: Message, *, success: bool, delay: float) -> None:
        body = [{"biz_id": f"biz-{message.n}", "out_id": message.reference, "phone": message.to, "success": success,
                 "err_code": "DELIVERED" if success else "MOBILE_NOT_ON_SERVICE",
                 "report_time": datetime.now(UTC).isoformat()}]  # fmt: skip
        for pause in (delay, *PAUSES):
            await asyncio.sleep(pause)
            if await self._taken(body):
                message.receipt = "delivered" if success else "failed"
                self._mailbox.keep(message)
                return
        log.error("receipt not taken", reference=message.reference)

    async def _taken(self, body: list[dict[str, object]]) -> bool:
        try:
            return (await self._http.post(self._url, json=body)).is_success
        except httpx.TransportError:
            return False
