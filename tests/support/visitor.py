"""Somebody who uses a running service: an HTTP client with the token of an account."""

import secrets

import httpx

from deploy.gateway.accounts import Account, Words
from deploy.gateway.tokens import Signer
from deploy.local.stack import Stack
from shared.client import AT_ONCE, Connections

HTML = {"accept": "text/html"}


def token(stack: Stack, role: str, *, unit: str | None = None, person: str | None = None, name: str = "") -> str:
    """A token as the development login would give it."""
    name = name or role
    account = Account(name, role, Words(name, name), Words("", ""), unit, person)
    return Signer(stack.plan.keys.signing_key, stack.plan.keys.jwks, "shipei-local").sign(account)


class Visitor(httpx.AsyncClient):
    """Sends each write with an Idempotency-Key of its own."""

    async def write(self, path: str, body: object, key: str | None = None) -> httpx.Response:
        """POST a command as JSON."""
        return await self.post(path, json=body, headers={"idempotency-key": key or secrets.token_hex(8)})


def visitor(
    stack: Stack, service: str, role: str, *, unit: str | None = None, person: str | None = None, name: str = ""
) -> Visitor:
    """A client of one service; use as an asynchronous context."""
    bearer = token(stack, role, unit=unit, person=person, name=name)
    headers = {"authorization": f"Bearer {bearer}"}
    return Visitor(
        base_url=f"{stack.urls[service]}/{service}", headers=headers, timeout=20, transport=Connections(AT_ONCE)
    )
