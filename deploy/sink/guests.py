"""Who may see what was received. A demonstration's messages are synthetic and open; real ones are for operations."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from deploy.sink.desk import desk_of
from deploy.sink.settings import Settings
from shared.auth import claims_of, is_shared, token_of
from shared.problems import Problem

KEEPER = "ops"


@dataclass(frozen=True)
class Role:
    """A role, as the shell needs it."""

    role: str


@dataclass(frozen=True)
class Guest:
    """A name and roles for the bar and the navigation."""

    name: str
    grants: tuple[Role, ...]


async def admit(request: Request) -> None:
    """Let in whoever may see messages, and tell the shell who it is. Problems: 401 not-signed-in, 403 role-missing."""
    settings = desk_of(request).settings
    try:
        guest = recognised(request, settings)
    except Problem:
        if settings.demo:
            return
        raise
    request.state.principal = guest
    if not settings.demo and not any(g.role in {KEEPER, "service"} for g in guest.grants):
        raise Problem(403, "role-missing")


def recognised(request: Request, settings: Settings) -> Guest:
    """Who asks: the service token's bearer, or someone whom a published key vouches for. Problem 401 not-signed-in."""
    token = token_of(request)
    if is_shared(token, settings.service_token, settings.service_token_old):
        return Guest("service", (Role("service"),))
    if settings.jwks is None:
        raise Problem(401, "not-signed-in")
    claims = claims_of(token, settings.jwks, settings.issuer)
    return Guest(claims.get("name", claims["sub"]), tuple(_roles(claims)))


def _roles(claims: dict[str, Any]) -> list[Role]:
    return [Role(g["role"]) for g in claims.get("grants", []) if g["role"] != "service"]
