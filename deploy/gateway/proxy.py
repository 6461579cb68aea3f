"""Hands a request to the service that its path names, and the answer back, both streamed and unchanged."""

from typing import Final

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from deploy.gateway.accounts import Words
from deploy.gateway.runtime import gateway_of
from deploy.gateway.trouble import answer_trouble
from shared.texts import LANGUAGES

log = structlog.get_logger()
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
RETRY_AFTER: Final = "30"
HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)


class Relayed(Response):
    """A service's answer, passed on as it comes; the connection to the service is given back at the end."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(status_code=answer.status_code)
        self._answer = answer
        self.raw_headers = [(k.lower(), v) for k, v in answer.headers.raw if k.lower() not in HOP_BY_HOP]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  (ASGI)
        """Send status, headers and each piece."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for piece in self._answer.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self._answer.aclose()


async def proxy(request: Request) -> Response:
    """Answer with what the service answers; 503 when it does not."""
    gateway = gateway_of(request)
    name = request.url.path.split("/", 2)[1]
    try:
        answer = await gateway.http.send(_outgoing(request, gateway.settings.routes[name]), stream=True)
    except httpx.TransportError as error:
        log.warning("service unreachable", service=name, error=type(error).__name__)
        refused = answer_trouble(request, 503, "service-down", service=_words(request, name))
        refused.headers["retry-after"] = RETRY_AFTER
        return refused
    return Relayed(answer)


def _words(request: Request, service: str) -> Words:
    texts = gateway_of(request).texts
    return Words(*[texts.get(lang, f"services.{service}") for lang in LANGUAGES])


def _outgoing(request: Request, origin: str) -> httpx.Request:
    headers = [(k, v) for k, v in request.headers.raw if k not in HOP_BY_HOP]
    headers.append((b"x-forwarded-host", request.headers.get("host", "").encode()))
    headers.append((b"x-forwarded-proto", request.url.scheme.encode()))
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    url = httpx.URL(origin).copy_with(raw_path=_target(request))
    return httpx.Request(request.method, url, headers=headers, content=request.stream() if has_body else None)


def _target(request: Request) -> bytes:
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path
