"""How the services are, asked at once and not longer than a moment."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx

from deploy.gateway.runtime import Gateway

SERVICES: Final = ("enrolment", "notify", "blacklist", "reporting")
PATIENCE: Final = 5.0  # s; a service that is down refuses at once, one that is busy may take a moment


@dataclass(frozen=True)
class Health:
    """One service: ``behind`` counts events that it has not read, ``parked`` those that are stuck; None = not known."""

    name: str
    ready: bool
    now: datetime | None = None
    behind: int | None = None
    parked: int | None = None


async def healths(gateway: Gateway) -> Sequence[Health]:
    """All four, in the order of the work."""
    return await asyncio.gather(*[_health(gateway, name) for name in SERVICES])


async def _health(gateway: Gateway, name: str) -> Health:
    ready = await read(gateway, f"/{name}/readyz")
    token = gateway.settings.service_token
    if ready is None or token is None:
        return Health(name, ready is not None)
    state = await read(gateway, f"/{name}/_time", token.get_secret_value())
    if state is None:
        return Health(name, ready=False)
    return Health(
        name, ready=True, now=datetime.fromisoformat(state["now"]), behind=state["behind"], parked=state["parked"]
    )


async def read(gateway: Gateway, path: str, token: str | None = None) -> Mapping[str, Any] | None:
    """The JSON object at a path of a service; None when the service is down, refuses or says something else."""
    origin = gateway.settings.routes.get(path.split("/", 2)[1], "")
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    try:
        answer = await gateway.http.get(origin + path, headers=headers, timeout=PATIENCE)
        said = answer.json() if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return said if isinstance(said, dict) else None
