"""What is stuck in any of the services, on one page; applying it again, or putting aside what is no event. The services decide who may."""

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
OUTCOMES: Final = ("done", "invalid-body", "out-of-scope", "parked-event", "stream-waits", "failed")  # of putting aside
Groups = Sequence[dict[str, Any]]
Said = Mapping[str, Groups]


@router.get("/parked")
async def parked(request: Request, applied: int | None = None, failed: int = 0, aside: str = "") -> Response:
    """The parked messages of the four services, by cause. ``applied`` and ``failed`` tell of the last try, ``aside`` of a record."""
    gateway = gateway_of(request)
    if greet(request) is None:
        return sign_in_first(request)
    token = request.cookies[COOKIE]
    states, answers = await asyncio.gather(
        healths(gateway), asyncio.gather(*[_said(gateway, s, token) for s in SERVICES])
    )
    said = dict(zip(SERVICES, answers, strict=True))
    found = {service: answer["groups"] if answer else None for service, answer in said.items()}
    return render(request, "parked.html", now=present(states), said=said, totals=totals(found), applied=applied, failed=failed,
                  unread=sum(s.behind or 0 for s in states), aside=aside if aside in OUTCOMES else "")  # fmt: skip


@router.post("/parked")
async def apply_again(request: Request, service: Annotated[str, Form()]) -> Response:
    """Have a service apply its parked messages again, in order."""
    if refused := refusal(request, service):
        return refused
    try:
        done = (await ask(request, service, "redrive", {"stream": None})).raise_for_status().json()
    except httpx.HTTPError:
        done = {"applied": -1, "failed": 0}
    return RedirectResponse(f"/parked?{urlencode({k: done[k] for k in ('applied', 'failed')})}", 303)


@router.post("/parked/aside")
async def put_aside(
    request: Request, service: Annotated[str, Form()], record: Annotated[int, Form()], reason: Annotated[str, Form()]
) -> Response:
    """Have a service put a record that is no event aside for good."""
    if refused := refusal(request, service):
        return refused
    try:
        answer = await ask(request, service, f"{record}/aside", {"reason": reason})
        outcome = "done" if answer.is_success else str(answer.json()["code"])
    except (httpx.HTTPError, ValueError, LookupError):
        outcome = "failed"
    return RedirectResponse(f"/parked?aside={outcome if outcome in OUTCOMES else 'failed'}", 303)


def refusal(request: Request, service: str) -> Response | None:
    """What a form gets that is passed on to nobody: a stranger's, or one for a service that there is not."""
    if greet(request) is None:
        return sign_in_first(request)
    return None if service in SERVICES else answer_trouble(request, 422, "invalid-body", fields="service")


async def ask(request: Request, service: str, command: str, body: dict[str, Any]) -> httpx.Response:
    """A command about what is parked, in the name of who asks. Errors: httpx.HTTPError."""
    gateway = gateway_of(request)
    return await gateway.http.post(
        f"{gateway.settings.routes[service]}/{service}/parked/{command}", json=body, timeout=PATIENCE,
        headers={"authorization": f"Bearer {request.cookies[COOKIE]}"},
    )  # fmt: skip


def sign_in_first(request: Request) -> Response:
    """To the development login; where there is none, people come in elsewhere."""
    if gateway_of(request).signer is None:
        return answer_trouble(request, 401, "not-signed-in")
    return RedirectResponse("/login?next=/parked", 303)


async def _said(gateway: Gateway, service: str, token: str) -> Said | None:
    said = await read(gateway, f"/{service}/parked", token)
    if said is None:
        return None
    groups = [{**g, "minutes": _minutes(g["since"])} for g in said["groups"]]
    gone = [{**a, "at": datetime.fromisoformat(a["put_aside_at"])} for a in said.get("aside", ())]
    return {"groups": groups, "unidentified": said.get("unidentified", ()), "aside": gone}  # an older release says less


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
