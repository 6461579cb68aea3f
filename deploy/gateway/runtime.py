"""What the running gateway holds; handed to its routes by ``request.app.state.runtime``."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from starlette.requests import Request

from deploy.gateway.settings import Settings
from deploy.gateway.tokens import Signer
from shared.auth import COOKIE
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
    """Recognise the session cookie, for the shell and the choice of accounts; grants nothing."""
    signer = gateway_of(request).signer
    claims = signer.read(request.cookies.get(COOKIE, "")) if signer else None
    if claims is None:
        return None
    guest = Guest(claims["name"], tuple(Role(g["role"]) for g in claims["grants"]))
    request.state.principal = guest
    return guest
