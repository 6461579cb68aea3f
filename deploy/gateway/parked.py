"""What is stuck in any of the services, on one page; and applying it again. The services decide who may."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import httpx
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from deploy.gateway.front import present
from deploy.gateway.runtime import Gateway, gateway_of, greet
from deploy.gateway.status import SERVICES, healths, read
from deploy.gateway.trouble import answer_trouble
from shared.auth import COOKIE
from shared.pages import render

router = APIRouter()
PATIENCE: Final = 60.0
Groups = Sequence[dict[str, Any]]


@router.get("/parked")
async def parked(request: Request, applied: int | None = None, failed: int = 0) -> Response:
    """The parked messages of the four services, by cause. ``applied`` and ``failed`` tell of the last try."""
    gateway = gateway_of(request)
    if greet(request) is None:
        return sign_in_first(request)
    token = request.cookies[COOKIE]
    states, groups = await asyncio.gather(
        healths(gateway), asyncio.gather(*[_groups(gateway, s, token) for s in SERVICES])
    )
    found = dict(zip(SERVICES, groups, strict=True))
    return render(request, "parked.html", now=present(states), groups=found, totals=totals(found),
                  unread=sum(s.behind or 0 for s in states), applied=applied, failed=failed)  # fmt: skip


@router.post("/parked")
async def apply_again(request: Request, service: Annotated[str, Form()]) -> Response:
    """Have a service apply its parked messages again, in order."""
    gateway = gateway_of(request)
    if greet(request) is None:
        return sign_in_first(request)
    if service not in SERVICES:
        return answer_trouble(request, 422, "invalid-body", fields="service")
    try:
        answer = await gateway.http.post(
            f"{gateway.settings.routes[service]}/{service}/parked/redrive", json={"stream": None}, timeout=PATIENCE,
            headers={"authorization": f"Bearer {request.cookies[COOKIE]}"},
        )  # fmt: skip
        done = answer.raise_for_status().json()
    except httpx.HTTPError:
        done = {"applied": -1, "failed": 0}
    return RedirectResponse(f"/parked?{urlencode({k: done[k] for k in ('applied', 'failed')})}", 303)


def sign_in_first(request: Request) -> Response:
    """To the development login; where there is none, people come in elsewhere."""
    if gateway_of(request).signer is None:
        return answer_trouble(request, 401, "not-signed-in")
    return RedirectResponse("/login?next=/parked", 303)


async def _groups(gateway: Gateway, service: str, token: str) -> Groups | None:
    said = await read(gateway, f"/{service}/parked", token)
    return [{**g, "minutes": _minutes(g["since"])} for g in said["groups"]] if said else None


def _minutes(since: str) -> int:
    """How long ago, on the machine's clock: that is when a message was parked, simulated time or not."""
    return int((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() // 60)


def totals(found: Mapping[str, Groups | None]) -> dict[str, Any]:
    """Over all services: ``causes`` (records at fault), ``waiting`` behind them, ``streams`` held, for how many ``minutes``."""
    every = [g for groups in found.values() for g in groups or ()]
    return {
        "causes": sum(g["records"] for g in every if g["reason"] != "gap"),
        "waiting": sum(g["records"] for g in every if g["reason"] == "gap"),
        "streams": sum(g["streams"] for g in every if g["reason"] != "gap"),
        "minutes": max((g["minutes"] for g in every), default=None),
    }
