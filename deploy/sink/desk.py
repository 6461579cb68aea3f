"""What the running sink holds, and how it reports deliveries to the sender."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import structlog
from starlette.requests import Request

from deploy.sink.behaviour import Behaviour, Switchboard
from deploy.sink.box import Box, Message, Receipt
from deploy.sink.settings import Settings
from shared.texts import Texts

log = structlog.get_logger()
AT_ONCE: Final = 100
PAUSES: Final = (0.1, 0.3, 1, 2, 5, 10, 30)
LOCAL: Final = ZoneInfo("Asia/Shanghai")


@dataclass
class Desk:
    """The process's parts; ``texts`` and ``settings`` are what the page shell asks for."""

    settings: Settings
    texts: Texts
    box: Box
    switchboard: Switchboard
    templates: Mapping[str, str]
    http: httpx.AsyncClient
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def report(self, message: Message, behaviour: Behaviour) -> None:
        """Owe the sender a receipt for a message, as the behaviour wants it."""
        if behaviour.mode == "no_receipt":
            return
        failed = behaviour.mode == "fail_receipt"
        code = (behaviour.code or "isv.OUT_OF_SERVICE") if failed else "DELIVERED"
        now = datetime.now(UTC)
        due = now + timedelta(seconds=behaviour.seconds) if behaviour.mode == "late_receipt" else None
        for copy in range(2 if behaviour.mode == "twice" else 1):
            key = f"{message.n}-{copy}"
            self.box.owe(Receipt(key, message.attempt_id, message.to, not failed, code, now, due))
        self.waiting.set()


def desk_of(request: Request) -> Desk:
    """The desk of the app that answers a request."""
    desk: Any = request.app.state.runtime
    assert isinstance(desk, Desk)  # noqa: S101  (tells the type checker; set before the first request)
    return desk


@asynccontextmanager
async def reporting(desk: Desk) -> AsyncIterator[None]:
    """Push receipts while the block runs; what is still owed at its end waits in the file."""
    task = asyncio.create_task(_push(desk))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _push(desk: Desk) -> None:
    tries = 0
    while True:
        desk.waiting.clear()
        batch = desk.box.due(datetime.now(UTC), AT_ONCE)
        if not batch:
            await _until_due(desk)
        elif await _handed_over(desk, batch):
            desk.box.pushed([r.key for r in batch])
            tries = 0
        else:
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1


async def _until_due(desk: Desk) -> None:
    """Until a receipt is promised, or one that was promised for later is due."""
    due = desk.box.next_due()
    seconds = None if due is None else max((due - datetime.now(UTC)).total_seconds(), 0)
    with suppress(TimeoutError):
        await asyncio.wait_for(desk.waiting.wait(), seconds)


async def _handed_over(desk: Desk, batch: Sequence[Receipt]) -> bool:
    token = desk.settings.service_token
    headers = {"authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    try:
        answer = await desk.http.post(desk.settings.receipts_url, json=[_as_sent(r) for r in batch], headers=headers)
    except httpx.HTTPError as error:
        log.warning("receipts not taken", cause=type(error).__name__, owed=len(desk.box.owed))
        return False
    if not answer.is_success:
        log.warning("receipts refused", status=answer.status_code, owed=len(desk.box.owed))
    return answer.is_success


def _as_sent(receipt: Receipt) -> dict[str, Any]:
    """One element of the array, in the provider's words; times are local and without a zone, as theirs are."""
    sent, reported = [
        at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S") for at in (receipt.at, receipt.due or receipt.at)
    ]
    return {"phone_number": receipt.phone, "send_time": sent, "report_time": reported, "success": receipt.success,
            "err_code": receipt.code, "err_msg": receipt.code, "sms_size": "1", "biz_id": f"biz-{receipt.key}",
            "out_id": receipt.out_id}  # fmt: skip
