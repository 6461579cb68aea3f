"""Pages about the system itself: its interfaces, its events, accessibility."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from deploy.gateway.front import present
from deploy.gateway.runtime import gateway_of, greet
from deploy.gateway.status import SERVICES, healths, read
from shared.events import EVENTS, PRODUCER_OF, PRODUCERS
from shared.pages import render

router = APIRouter()
METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One line of a service's interface."""

    method: str
    path: str
    summary: str


@router.get("/docs")
async def interfaces(request: Request) -> Response:
    """Every route of the four services, read from what they say of themselves."""
    gateway = gateway_of(request)
    greet(request)
    states, *documents = await asyncio.gather(
        healths(gateway), *[read(gateway, f"/{s}/openapi.json") for s in SERVICES]
    )
    routes = {s: _routes(d) if d else None for s, d in zip(SERVICES, documents, strict=True)}
    return render(request, "interfaces.html", now=present(states), routes=routes)


@router.get("/catalogue")
async def catalogue(request: Request) -> Response:
    """Every event, from the contract itself."""
    greet(request)
    states = await healths(gateway_of(request))
    events = {name: [_line(t) for t, producer in PRODUCER_OF.items() if producer == name] for name in PRODUCERS}
    return render(request, "catalogue.html", now=present(states), events=events)


@router.get("/help")
async def help_page(request: Request) -> Response:
    """What the pages promise, and whom to ask."""
    greet(request)
    return render(request, "help.html", now=present(await healths(gateway_of(request))))


def _routes(document: Any) -> Sequence[Route]:
    return [
        Route(method.upper(), path, (about.get("description") or about.get("summary", "")).replace("``", ""))
        for path, verbs in document["paths"].items()
        for method, about in verbs.items()
        if method in METHODS
    ]


def _line(name: str) -> tuple[str, str, str, Sequence[str]]:
    """Topic, type, meaning and fields of an event."""
    event = EVENTS[name]
    return event.topic, name, (getdoc(event) or "").split("\n")[0].replace("``", ""), event.__struct_fields__
