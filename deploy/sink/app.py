"""Puts the sink together: SMTP server, SMS gateway, pages, and the pusher of receipts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from deploy.sink import pages, sms
from deploy.sink.behaviour import Switchboard
from deploy.sink.box import Box
from deploy.sink.desk import Desk, reporting
from deploy.sink.settings import Settings
from deploy.sink.smtp import Handler, listening
from shared.client import client
from shared.pages import add_template_folder
from shared.problems import Problem, answer_invalid, answer_problem, answer_unserved
from shared.texts import Texts

HERE: Final = Path(__file__).parent


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application; the SMTP server runs as long as it does."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            box = Box(settings.sink_file)
            stack.callback(box.close)
            http = await stack.enter_async_context(client(10))
            desk = Desk(
                settings,
                Texts.load(HERE / "texts.yaml"),
                box,
                Switchboard(),
                sms.registered(settings.sink_templates),
                http,
            )
            app.state.runtime = desk
            await stack.enter_async_context(listening(*settings.smtp_address, Handler(box, desk.switchboard)))
            await stack.enter_async_context(reporting(desk))
            yield

    app = FastAPI(title="Shipei sink", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None,
                  exception_handlers={Problem: answer_problem, RequestValidationError: answer_invalid,
                                      HTTPException: answer_unserved})  # fmt: skip
    add_template_folder(app, HERE)
    app.mount("/sink/static", StaticFiles(directory=HERE / "static"))
    app.include_router(pages.open_to_all, prefix="/sink")
    app.include_router(pages.router, prefix="/sink")
    app.include_router(sms.router, prefix="/sink")
    return app
