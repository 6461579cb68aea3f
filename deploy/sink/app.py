"""The sink: where mails and SMS of a demonstration or a test end up, to be read as their receivers would read them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.responses import FileResponse, Response

from deploy.sink import sms
from deploy.sink.behaviour import Behaviour, Channel, Mode, Order
from deploy.sink.mail import Handler
from deploy.sink.mailbox import Mailbox
from deploy.sink.receipts import Receipts
from deploy.sink.settings import Settings

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
PER_PAGE = 50


class Command(BaseModel):
    """How a channel behaves for the next ``count`` messages."""

    channel: Channel
    mode: Mode
    count: int | None = None
    seconds: float = 1.0


class Forget(BaseModel):
    """How many of the newest messages to drop."""

    count: int
    channel: Channel | None = None


def create_app(settings: Settings) -> FastAPI:
    """The HTTP side, which starts and stops the SMTP side with itself."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        host, _, port = settings.smtp.rpartition(":")
        handler = Handler(app.state.mailbox, app.state.behaviour)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(SMTP, handler, enable_SMTPUTF8=True, loop=loop), host, int(port))
        yield
        server.close()
        await app.state.receipts.close()

    app = FastAPI(title="Shipei sink", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.mailbox = Mailbox(settings.sink_file)
    app.state.behaviour = Behaviour()
    app.state.receipts = Receipts(settings.receipts_url, app.state.mailbox)
    app.include_router(sms.router)
    add_routes(app)
    return app


def add_routes(app: FastAPI) -> None:
    """The sink's own pages and orders."""
    app.get("/sink/")(inbox)
    app.get("/sink/messages.json")(messages)
    app.get("/sink/messages/{number}")(message)
    app.get("/sink/behaviour")(behaviour)
    app.post("/sink/behaviour")(order)
    app.post("/sink/forget")(forget)
    app.get("/sink/pending")(pending)
    app.get("/sink/readyz")(readyz)
    app.get("/sink/sink.css")(stylesheet)


async def inbox(request: Request, to: str = "", channel: str = "", page: int = 1) -> Response:
    """The newest messages first, by receiver or channel."""
    found = request.app.state.mailbox.find(to=to or None, channel=channel or None)[::-1]
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    view = {"messages": shown, "total": len(found), "to": to, "channel": channel, "page": page, "per": PER_PAGE}
    return templates.TemplateResponse(request, "inbox.html", view)


async def message(request: Request, number: int) -> Response:
    """One message as its receiver reads it."""
    found = request.app.state.mailbox.get(number)
    return templates.TemplateResponse(request, "message.html", {"m": found, "number": number}, 200 if found else 404)


async def messages(
    request: Request, to: str | None = None, channel: str | None = None, reference: str | None = None
) -> Response:
    """Everything that arrived, for programs."""
    found = request.app.state.mailbox.find(to=to, channel=channel, reference=reference)
    return Response(msgspec.json.encode({"messages": found}), media_type="application/json")


async def behaviour(request: Request) -> dict[str, Any]:
    """The present orders."""
    return dict(request.app.state.behaviour.orders)


async def order(request: Request, body: Command) -> dict[str, Any]:
    """Give an order."""
    request.app.state.behaviour.orders[body.channel] = Order(body.mode, body.count, body.seconds)
    return await behaviour(request)


async def forget(request: Request, body: Forget) -> dict[str, int]:
    """Drop the newest messages, to show that a check notices."""
    return {"forgotten": request.app.state.mailbox.forget(body.count, body.channel)}


async def pending(request: Request) -> dict[str, int]:
    """Receipts that are still under way."""
    return {"pending": request.app.state.receipts.pending}


async def readyz() -> dict[str, bool]:
    """It answers."""
    return {"ready": True}


async def stylesheet() -> FileResponse:
    """The sink's few own rules; the rest comes from the gateway's assets."""
    return FileResponse(Path(__file__).parent / "static" / "sink.css")
