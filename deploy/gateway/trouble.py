"""Refusals of the gateway itself: a page for people, a problem document for programs, in both languages."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from deploy.gateway.runtime import gateway_of
from shared.pages import render
from shared.problems import Problem


def wants_page(request: Request) -> bool:
    """Whether a browser asks."""
    return "text/html" in request.headers.get("accept", "")


def answer_trouble(request: Request, status: int, code: str, **details: Any) -> Response:
    """The answer for a problem of the texts ``problems.<code>``."""
    body = Problem(status, code, **details).body(gateway_of(request).texts, request.url.path)
    if wants_page(request):
        return render(request, "problem.html", status=status, problem=body)
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")
