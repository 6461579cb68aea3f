"""Whom the shell greets on the sink's pages. Grants nothing: whatever is here was synthetic before it came."""

import json
from dataclasses import dataclass

import jwt
from starlette.requests import Request

from deploy.sink.settings import Settings
from shared.auth import COOKIE


@dataclass(frozen=True)
class Role:
    """A role, as the shell needs it."""

    role: str


@dataclass(frozen=True)
class Guest:
    """A name and roles for the bar and the navigation."""

    name: str
    grants: tuple[Role, ...]


def greet(request: Request, settings: Settings) -> None:
    """Recognise the session cookie by the published keys; a stranger stays one."""
    token = request.cookies.get(COOKIE)
    if token is None or settings.jwks is None:
        return
    try:
        keys = {k.key_id: k for k in jwt.PyJWKSet.from_dict(json.loads(settings.jwks.read_text())).keys}
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=["EdDSA", "RS256", "ES256"], issuer=settings.issuer)
    except (jwt.PyJWTError, KeyError):
        return
    request.state.principal = Guest(claims["name"], tuple(Role(g["role"]) for g in claims["grants"]))
