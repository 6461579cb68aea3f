"""The development login: choose an account, get a session. Exists only where it is switched on."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, RedirectResponse, Response

from deploy.gateway import accounts
from deploy.gateway.addresses import local
from deploy.gateway.choices import choices
from deploy.gateway.runtime import gateway_of, greet
from deploy.gateway.tokens import LIFETIME, Signer
from deploy.gateway.trouble import answer_trouble
from shared.auth import COOKIE
from shared.pages import render

router = APIRouter()


class Wanted(BaseModel):
    """Which account a program wants a token for."""

    account: str


@router.get("/login")
async def login_page(request: Request, next: str = "/") -> Response:  # noqa: A002  (the parameter's public name)
    """The accounts to choose from, on the way to ``next``."""
    greet(request)
    return render(request, "login.html", choices=choices(request), next=local(next))


@router.post("/login")
async def log_in(request: Request, account: Annotated[str, Form()], next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002  (as above)
    """Start a session as the account and go on to ``next``."""
    token = _token(request, account)
    if isinstance(token, Response):
        return token
    answer = RedirectResponse(local(next), 303)
    answer.set_cookie(COOKIE, token, max_age=int(LIFETIME.total_seconds()), path="/", httponly=True, samesite="lax",
                      secure=request.url.scheme == "https")  # fmt: skip
    return answer


@router.post("/logout")
async def log_out() -> Response:
    """End the session."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


@router.post("/_token")
async def token(request: Request, wanted: Wanted) -> Response:
    """A token for a program."""
    made = _token(request, wanted.account)
    return made if isinstance(made, Response) else JSONResponse({"token": made})


@router.get("/.well-known/jwks.json")
async def key_set(request: Request) -> object:
    """The public keys of the tokens."""
    return _signer(request).jwks


def _token(request: Request, name: str) -> str | Response:
    account = accounts.find(gateway_of(request).settings.accounts, name)
    if account is None:
        return answer_trouble(request, 404, "unknown-account", account=name)
    return _signer(request).sign(account)


def _signer(request: Request) -> Signer:
    signer = gateway_of(request).signer
    assert signer is not None  # noqa: S101  (these routes are mounted with a signer only)
    return signer
