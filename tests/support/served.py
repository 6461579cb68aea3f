"""An ASGI application on a real port, in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from deploy.local.ports import LOOPBACK, free_port


@asynccontextmanager
async def served(app: Any, port: int | None = None) -> AsyncIterator[str]:
    """Its origin, from when it answers until the block ends."""
    config = uvicorn.Config(app, host=LOOPBACK, port=port or free_port(), log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # pytest keeps its own
    task = asyncio.create_task(server._serve())
    try:
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        yield f"http://{LOOPBACK}:{config.port}"
    finally:
        server.should_exit = True
        await task
