"""Moves a demonstration's simulated time: a day on, or to the next thing that is due. One walk at a time."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from deploy.gateway.addresses import local
from deploy.gateway.runtime import Gateway, gateway_of, greet
from deploy.gateway.trouble import wants_page
from shared.pages import render
from shared.stepper import Stepper, Stuck

router = APIRouter()
log = structlog.get_logger()
SERVICES: Final = ("enrolment", "notify", "blacklist", "reporting")
AT_ONCE: Final = 1.5
PATIENCE: Final = 180.0
Step = Literal["day", "next"]


@dataclass
class Walk:
    """One move of the clocks, while it goes on and after it."""

    to: Step
    start: datetime | None = None
    target: datetime | None = None
    state: Literal["running", "done", "nothing", "failed"] = "running"
    task: asyncio.Task[None] | None = None

    def as_json(self) -> dict[str, str | None]:
        """For programs."""
        told = {"from": self.start, "target": self.target}
        return {"to": self.to, "state": self.state, **{k: v.isoformat() if v else None for k, v in told.items()}}


@router.post("/_step")
async def step(request: Request, to: Annotated[Step, Form()], back: Annotated[str, Form()] = "/") -> Response:
    """Start a walk, or join the one under way; a short one is over before the answer."""
    gateway = gateway_of(request)
    if gateway.walk is None or gateway.walk.state != "running":
        gateway.walk = walk = Walk(to)
        walk.task = asyncio.create_task(_go(gateway, walk))
    assert gateway.walk.task is not None  # noqa: S101  (set above, in the same turn of the loop)
    await asyncio.wait({gateway.walk.task}, timeout=AT_ONCE)
    if not wants_page(request):
        return JSONResponse({**gateway.walk.as_json(), "follow": "/_step"}, 202)
    over = gateway.walk.state == "done"
    return RedirectResponse(local(back) if over else f"/_step?back={quote(local(back))}", 303)


@router.get("/_step")
async def follow(request: Request, back: str = "/") -> Response:
    """How far the walk is; goes back to where it was started when it is over."""
    gateway = gateway_of(request)
    walk = gateway.walk
    if not wants_page(request):
        return JSONResponse(walk.as_json() if walk else {"state": "none"})
    if walk is None or walk.state == "done":
        return RedirectResponse(local(back), 303)
    greet(request)
    now = await stepper(gateway).now() if walk.state != "failed" else walk.start
    return render(request, "step.html", walk=walk, now=now, back=local(back))


def stepper(gateway: Gateway) -> Stepper:
    """The stepper over the four services, waiting for the sink's receipts too."""
    settings = gateway.settings
    urls = [f"{settings.routes[name]}/{name}" for name in SERVICES]
    watch = [f"{settings.routes['sink']}/sink/pending"] if "sink" in settings.routes else []
    token = settings.service_token.get_secret_value() if settings.service_token else ""
    return Stepper(gateway.http, urls, token, watch=watch, patience=PATIENCE)


async def _go(gateway: Gateway, walk: Walk) -> None:
    """The task itself; its end is told by ``walk.state``, its failure by the log as well."""
    try:
        over = stepper(gateway)
        walk.start = await over.now()
        walk.target = walk.start + timedelta(days=1) if walk.to == "day" else await over.next_due()
        if walk.target is None:
            walk.state = "nothing"
            return
        await over.to(max(walk.target, walk.start))
        walk.state = "done"
    except Exception as error:
        walk.state = "failed"
        log.exception("step failed", stuck=isinstance(error, Stuck))
