"""The command line of a service: ``python -m services.<name> [serve|migrate|parked|unidentified|aside|redrive]``."""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import uvicorn

from shared import aside
from shared.client import KEEP_ALIVE
from shared.db import Database
from shared.migrate import migrate
from shared.parking import list_parked, redrive
from shared.problems import LANGUAGES, Problem
from shared.service import Service, assemble, create_app
from shared.settings import Settings
from shared.telemetry.logs import configure
from shared.telemetry.metrics import Metrics
from shared.texts import Texts


def main(service: Service) -> None:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="run the service (default)")
    commands.add_parser("migrate", help="apply the migrations as the owner role")
    commands.add_parser("parked", help="list the events that wait, by cause")
    commands.add_parser("unidentified", help="list the parked records that are no events")
    away = commands.add_parser("aside", help="put a record that is no event aside for good; its bytes are kept")
    away.add_argument("record", type=int, help="its id in the list of `unidentified`")
    away.add_argument("--reason", required=True, help="why it may stay unread")
    away.add_argument("--by", required=True, help="who says so")
    again = commands.add_parser("redrive", help="apply parked events again, in order")
    again.add_argument("--stream", help="only this stream")
    arguments = parser.parse_args()
    configure(service.name)
    settings = service.settings()  # type: ignore[call-arg]  # read from the environment
    match arguments.command:
        case "migrate":
            if not settings.dsn_owner:
                parser.error("migrate needs SHIPEI_DSN_OWNER; no other command does")
            asyncio.run(migrate(settings.dsn_owner, service.name))
        case "parked":
            asyncio.run(_print(settings, list_parked))
        case "unidentified":
            asyncio.run(_print(settings, aside.unidentified))
        case "aside":
            asyncio.run(_put_aside(service, settings, arguments))
        case "redrive":
            asyncio.run(_redrive(service, settings, arguments.stream))
        case _:
            serve(service, settings)


def serve(service: Service, settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; exits with 3 when a part can't be started."""
    app = create_app(service, settings)
    gc.freeze()  # what is there now stays: no collection needs to walk it
    uvicorn.run(app, host=settings.host, port=settings.port, loop="uvloop", log_config=None,
                access_log=False, timeout_graceful_shutdown=20, timeout_keep_alive=KEEP_ALIVE)  # fmt: skip


async def _print(settings: Settings, listed: Callable[[Database], Awaitable[Any]]) -> None:
    async with Database(settings.dsn_writer, settings.dsn_reader) as db:
        json.dump(await listed(db), sys.stdout, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write("\n")


async def _put_aside(service: Service, settings: Settings, wanted: argparse.Namespace) -> None:
    async with Database(settings.dsn_writer, settings.dsn_reader) as db:
        try:
            await aside.put_aside(db, wanted.record, wanted.reason, wanted.by)
        except Problem as problem:
            said = problem.body(Texts.load(service.package / "texts.yaml"), "")
            raise SystemExit(
                " / ".join(f"{said[lang]['title']}. {said[lang]['detail']}" for lang in LANGUAGES)
            ) from None


async def _redrive(service: Service, settings: Settings, stream: str | None) -> None:
    """Apply parked events in this process; a running service may go on beside it."""
    async with AsyncExitStack() as stack:
        runtime = await assemble(service, settings, Metrics(service.name), stack)
        if runtime.consumer is None:
            raise SystemExit(f"{service.name} consumes nothing")
        done = await redrive(runtime.db, runtime.consumer, stream)
    sys.stdout.write(f"applied {done.applied}, failed {done.failed}\n")
