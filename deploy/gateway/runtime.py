"""What the running gateway holds; handed to its routes by ``request.app.state.runtime``."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from starlette.requests import Request

from deploy.gateway.settings import Settings
from deploy.gateway.tokens import Signer
from shared.auth import COOKIE, claims_of
from shared.problems import Problem
from shared.texts import Texts

if TYPE_CHECKING:
    from deploy.gateway.steps import Walk


@dataclass
class Gateway:
    """The process's parts. ``signer`` is None without the development login."""

    settings: Settings
    texts: Texts
    http: httpx.AsyncClient
    signer: Signer | None
    walk: "Walk | None" = field(default=None)


@dataclass(frozen=True)
class Guest:
    """Who the shell greets on the gateway's own pages."""

    name: str
    grants: tuple["Role", ...]


@dataclass(frozen=True)
class Role:
    """A role, as the shell needs it."""

    role: str


def gateway_of(request: Request) -> Gateway:
    """The gateway that answers a request."""
    runtime: Any = request.app.state.runtime
    assert isinstance(runtime, Gateway)  # noqa: S101  (tells the type checker; set before the first request)
    return runtime


def greet(request: Request) -> Guest | None:
    """Recognise the session cookie, whoever of the published keys signed it, for the shell and the choice of accounts; grants nothing."""
    settings, token = gateway_of(request).settings, request.cookies.get(COOKIE)
    if settings.jwks is None or not token:
        return None
    try:
        claims = claims_of(token, settings.jwks, settings.issuer)
    except Problem:
        return None
    roles = tuple(Role(g["role"]) for g in claims.get("grants", []))
    request.state.principal = guest = Guest(claims.get("name", claims["sub"]), roles)
    return guest
