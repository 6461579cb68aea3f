"""Who is asking, and how far their roles reach.

A token (an OIDC provider's, or the development login's) carries grants: a role in a unit's subtree, or a role for
one person. Codes in tokens are looked up in this service's own unit tree, so a stale path can't widen a scope.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
from fastapi import Request
from pydantic import SecretStr

from shared.problems import Problem
from shared.runtime import Runtime, get_runtime
from shared.units import paths_of_codes

ROLES: Final = ("province", "project_office", "city", "county", "school", "institution", "inspector", "teacher", "ops",
                "service")  # fmt: skip
BUREAUS: Final = ("province", "city", "county", "school")
COOKIE: Final = "shipei_session"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role, in the subtree of a unit (which stands at a level of its tree) or for one person."""

    role: str
    code: str | None = None
    unit_id: str | None = None
    path: str | None = None
    person_id: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: a subject with grants."""

    subject: str
    name: str
    grants: tuple[Grant, ...]

    def has(self, *roles: str) -> bool:
        """Whether any grant carries one of the roles."""
        return any(g.role in roles for g in self.grants)

    def reaches(self, path: str, *roles: str) -> bool:
        """Whether a grant (of one of the roles, if any are named) covers the unit at ``path``."""
        return any(g.path is not None and path.startswith(g.path) for g in self.grants if not roles or g.role in roles)

    def require(self, path: str, *roles: str) -> None:
        """Refuse what is out of scope as if it did not exist."""
        if not self.reaches(path, *roles):
            raise Problem(404, "out-of-scope")

    def acts(self, path: str, *levels: str) -> bool:
        """Whether a grant covers the unit at ``path`` for one of these levels of a policy.

        A level that is called like a role is that role's. A tree may call its levels otherwise: there, whoever holds a
        bureau's role at a unit of the level acts for it.
        """
        return any(g.path is not None and path.startswith(g.path) for g in self.grants if _of_level(g, levels))

    def require_level(self, path: str, *levels: str) -> None:
        """Refuse what is out of scope as if it did not exist."""
        if not self.acts(path, *levels):
            raise Problem(404, "out-of-scope")

    def own_code(self, *roles: str) -> str:
        """The code of the unit that the principal acts for, where a request names none. Problem 404 out-of-scope."""
        own = [g.code for g in self.grants if g.code and (not roles or g.role in roles)]
        if not own:
            raise Problem(404, "out-of-scope")
        return own[0]

    def is_person(self, person_id: str) -> bool:
        """Whether the principal is that person."""
        return any(g.person_id == person_id for g in self.grants)

    @property
    def scope(self) -> str:
        """The value of ``app.scope`` for row-level security. Empty shows nothing."""
        units = [f"unit:{g.path}" for g in self.grants if g.path is not None]
        return ",".join(units + [f"person:{g.person_id}" for g in self.grants if g.person_id is not None])


def _of_level(grant: Grant, levels: tuple[str, ...]) -> bool:
    named_otherwise = grant.level in levels and grant.level not in ROLES
    return grant.role in levels or (grant.role in BUREAUS and named_otherwise)


class Allow:
    """A route's dependency: the principal, if it has one of the roles; no roles means anyone who is signed in."""

    def __init__(self, *roles: str) -> None:
        unknown = set(roles) - set(ROLES)
        if unknown:
            raise ValueError(f"unknown roles {sorted(unknown)}")
        self.roles = roles

    async def __call__(self, request: Request) -> Principal:
        """Find the principal and check its role."""
        principal = await authenticate(request)
        if self.roles and not principal.has(*self.roles):
            raise Problem(403, "role-missing")
        return principal


def allow(*roles: str) -> Allow:
    """For ``Annotated[Principal, Depends(allow("city"))]``."""
    return Allow(*roles)


async def authenticate(request: Request) -> Principal:
    """The principal of a request, from its bearer token or the session cookie."""
    runtime = get_runtime(request)
    token = token_of(request)
    if is_shared(token, runtime.settings.service_token, runtime.settings.service_token_old):
        principal = Principal("service", "service", (Grant("service"),))
    else:
        principal = await _resolve(runtime, claims_of(token, runtime.settings.jwks, runtime.settings.issuer))
    request.state.principal = principal
    return principal


def token_of(request: Request) -> str:
    """The bearer token, else the session cookie. Problem 401 not-signed-in."""
    header = request.headers.get("authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else request.cookies.get(COOKIE)
    if not token:
        raise Problem(401, "not-signed-in")
    return token


def is_shared(given: str, *secrets: SecretStr | None) -> bool:
    """Whether what was given is one of the secrets; there are two while a new one replaces the old. An empty one opens nothing."""
    known = [s.get_secret_value().encode() for s in secrets if s is not None]
    return any(hmac.compare_digest(given.encode(), secret) for secret in known if secret)


def claims_of(token: str, jwks: Path, issuer: str) -> dict[str, Any]:
    """What a token says, signed with one of the published keys of ``jwks`` by ``issuer``. Problem 401 not-signed-in."""
    try:
        keys = {k.key_id: k for k in jwt.PyJWKSet.from_dict(json.loads(jwks.read_text())).keys}
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["EdDSA", "RS256", "ES256"],
                                            issuer=issuer, options={"require": ["exp", "sub", "iss"]})  # fmt: skip
    except (jwt.PyJWTError, KeyError) as error:
        raise Problem(401, "not-signed-in") from error
    return claims


async def _resolve(runtime: Runtime, claims: Mapping[str, Any]) -> Principal:
    grants = claims.get("grants", [])
    codes = [g["unit"] for g in grants if g.get("unit")]
    async with runtime.db.system() as con:
        units = await paths_of_codes(con, codes) if codes else {}
    return Principal(
        subject=claims["sub"],
        name=claims.get("name", claims["sub"]),
        grants=tuple(_grant(g, units) for g in grants if g.get("role") in ROLES and g["role"] != "service"),
    )


def _grant(raw: Mapping[str, str], units: Mapping[str, tuple[str, str, str | None]]) -> Grant:
    unit_id, path, level = units.get(raw.get("unit", ""), (None, None, None))
    person_id = raw.get("person", "")
    named = person_id and "," not in person_id  # it would end there in app.scope, and another scope begin
    return Grant(raw["role"], raw.get("unit"), unit_id, path, person_id if named else None, level)
