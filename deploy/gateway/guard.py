"""Around every request: cross-site writes are refused, every answer carries the secure headers."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.gateway.trouble import answer_trouble

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SECURE: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Wraps the application; services' own headers stay as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURE.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in SAFE and is_cross_site(Headers(scope=scope)):
            await answer_trouble(Request(scope, receive), 403, "cross-site-write")(scope, receive, secured)
            return
        await self.app(scope, receive, secured)


def is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that a page of another origin sent this; programs say nothing and may pass."""
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
