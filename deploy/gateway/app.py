"""Puts the gateway together; the only reader of its settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from deploy.gateway import assets, components, front, login, papers, parked, steps
from deploy.gateway.guard import Guard
from deploy.gateway.proxy import METHODS, proxy
from deploy.gateway.runtime import Gateway
from deploy.gateway.settings import Settings
from deploy.gateway.tokens import Signer
from deploy.gateway.trouble import answer_trouble
from shared.client import client
from shared.pages import add_template_folder
from shared.texts import Texts

HERE: Final = Path(__file__).parent
AT_ONCE: Final = 500
BESIDE: Final = "/sink/sms"  # the side that the sink shows to notify: who could write there could make up messages
TIMEOUT: Final = httpx.Timeout(120, connect=5)


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application of the gateway."""
    signer = _signer(settings)
    texts = Texts.load(HERE / "texts.yaml", HERE / "samples.yaml")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with client(TIMEOUT, at_once=AT_ONCE) as http:
            app.state.runtime = Gateway(settings, texts, http, signer)
            yield

    app = FastAPI(title="Shipei gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None,
                  exception_handlers={HTTPException: _refuse, RequestValidationError: _misread})  # fmt: skip
    add_template_folder(app, HERE)
    _mount(app, settings, signer)
    app.add_middleware(Guard)
    return app


def _mount(app: FastAPI, settings: Settings, signer: Signer | None) -> None:
    app.include_router(front.router)
    app.include_router(papers.router)
    app.include_router(parked.router)
    if signer is not None:
        app.include_router(login.router)
    if settings.demo:
        app.include_router(steps.router)
        app.include_router(components.router)
    assets.mount(app, settings)
    app.add_route(f"{BESIDE}/{{rest:path}}", refuse, methods=METHODS)
    for name in settings.routes:
        app.add_route(f"/{name}/{{rest:path}}", proxy, methods=METHODS)
        app.add_route(f"/{name}", slashed, methods=["GET"])


def _signer(settings: Settings) -> Signer | None:
    if not settings.development_login or settings.signing_key is None:
        return None
    return Signer(settings.signing_key, settings.jwks, settings.issuer)


async def refuse(request: Request) -> Response:
    """What programs say to each other beside the gateway is not passed on."""
    return answer_trouble(request, 404, "out-of-scope")


async def slashed(request: Request) -> Response:
    """A program's first page."""
    return RedirectResponse(f"{request.url.path}/", 308)


async def _refuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return answer_trouble(request, status, "out-of-scope" if status == HTTPStatus.NOT_FOUND else "not-served")


async def _misread(request: Request, error: Exception) -> Response:
    wrong = error.errors() if isinstance(error, RequestValidationError) else []
    return answer_trouble(request, 422, "invalid-body", fields=", ".join(str(e["loc"][-1]) for e in wrong))
