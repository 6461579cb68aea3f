"""What happens around every request: trace and correlation, counting, and the refusal of cross-site writes."""

import time
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import COOKIE
from shared.problems import Problem, answer_problem
from shared.telemetry.metrics import Metrics
from shared.telemetry.trace import child

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Frame:
    """Gives each request a traceparent, binds it to the log, counts the answer by route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        traceparent = child(Headers(scope=scope).get("traceparent"))
        scope.setdefault("state", {})["traceparent"] = traceparent
        seen: dict[str, Any] = {"status": 500}

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                message.setdefault("headers", []).append((b"traceparent", traceparent.encode()))
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(trace=traceparent):
            try:
                await self.app(scope, receive, counted)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                self.metrics.observe(route, seen["status"], time.perf_counter() - started)


class SameSite:
    """Refuses writes that carry the session cookie and come from another site."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        if scope["type"] == "http" and scope["method"] not in SAFE and is_cross_site(Headers(scope=scope)):
            answer = await answer_problem(Request(scope, receive), Problem(403, "cross-site-write"))
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_cross_site(headers: Headers) -> bool:
    """Whether a cookie-carrying write was sent by a page of another origin."""
    if f"{COOKIE}=" not in headers.get("cookie", ""):
        return False
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] not in {"same-origin", "none"}
    origin = headers.get("origin")
    host = headers.get("x-forwarded-host") or headers.get("host")
    return origin is not None and urlsplit(origin).netloc != host
