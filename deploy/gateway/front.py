"""The front page: how far the year is, who one may enter as, how the services are."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from deploy.gateway import accounts
from deploy.gateway.choices import choices
from deploy.gateway.runtime import Gateway, gateway_of, greet
from deploy.gateway.stages import Figures, stages
from deploy.gateway.status import Health, healths, read
from shared.auth import COOKIE
from shared.pages import render

router = APIRouter()


@router.get("/")
async def front(request: Request) -> Response:
    """Real figures; what can't be read is said."""
    gateway = gateway_of(request)
    token = request.cookies[COOKIE] if greet(request) else borrowed(gateway)
    states, summary = await asyncio.gather(healths(gateway), read_summary(gateway, token))
    years = {y["policy_key"]: y for y in summary["years"]} if summary else {}
    year: Figures | None = years[summary["present"]] if summary and years else None
    return render(request, "front.html", now=present(states), healths=states, choices=choices(request), year=year,
                  asked=token is not None, readable=summary is not None, stages=stages(year) if year else None)  # fmt: skip


@router.get("/readyz")
async def readyz() -> dict[str, bool]:
    """The gateway answers; a service that is down is its own matter."""
    return {"ready": True}


def present(states: Sequence[Health]) -> datetime | None:
    """The latest business instant of the services; None when none of them tells."""
    return max((s.now for s in states if s.now), default=None)


def borrowed(gateway: Gateway) -> str | None:
    """The province's token for a visitor who has none: the development login would give it to anybody."""
    province = next((a for a in accounts.read(gateway.settings.accounts) if a.role == "province"), None)
    return gateway.signer.sign(province) if gateway.signer and province else None


async def read_summary(gateway: Gateway, token: str | None) -> Mapping[str, Any] | None:
    """What reporting says of every published programme year, and which is the present one; None when it can't be read."""
    summary: Mapping[str, Any] | None = await read(gateway, "/reporting/summary.json", token) if token else None
    return summary
