"""The SMS gateway over HTTP: template key and variables, never free text; our attempt id goes out as ``out_id``."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.notify.sending.domain import Outcome
from services.notify.sms.domain import looked_up, outcome
from services.notify.wording.service import Sms

MAX_ANSWER: Final = 65_536
NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class Gateway:
    """One provider account at ``url``. Three times the ``timeout`` (seconds) is shorter than the lease of an attempt."""

    http: httpx.AsyncClient
    url: str
    timeout: float

    async def send(self, attempt_id: str, phone: str, sms: Sms) -> Outcome:
        """Hand over one message. A lost answer is a doubt, never a reason to send again."""
        body = {"phone_number": phone, "sign_name": sms.signature, "template_code": sms.template,
                "template_param": dict(sms.variables), "out_id": attempt_id}  # fmt: skip
        try:
            async with asyncio.timeout(2 * self.timeout):
                status, said = await self._ask("POST", "send", json=body)
        except NEVER_SENT as error:
            return Outcome("deferred", type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            return Outcome("in_doubt", type(error).__name__)
        return outcome(status, said)

    async def look_up(self, attempt_id: str) -> Outcome | None:
        """What the gateway knows of an attempt: accepted, None (never had it), or in doubt (does not answer)."""
        try:
            async with asyncio.timeout(2 * self.timeout):
                _, said = await self._ask("GET", "query", params={"out_id": attempt_id})
        except (httpx.HTTPError, TimeoutError) as error:
            return Outcome("in_doubt", type(error).__name__)
        return looked_up(said)

    async def _ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.http.stream(method, f"{self.url}/{path}", timeout=self.timeout, **options) as answer:
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER:
                    return answer.status_code, None
        try:
            return answer.status_code, json.loads(body)
        except ValueError:
            return answer.status_code, None
