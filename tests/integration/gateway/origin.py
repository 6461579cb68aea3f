"""A gateway on a socket in the test's own loop; whoever stands behind it is the test's affair."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from deploy.gateway.settings import Settings
from deploy.local import keys
from deploy.local.ports import free_port

TOKEN = "service-token"
NAMES = ("enrolment", "notify", "blacklist", "reporting", "sink")


@asynccontextmanager
async def served(*apps: tuple[ASGIApp, int]) -> AsyncIterator[None]:
    """Real servers in this loop, ready when given; each app with its port."""
    config: dict[str, Any] = {"host": "127.0.0.1", "log_config": None, "timeout_graceful_shutdown": 1}
    servers = [uvicorn.Server(uvicorn.Config(app, port=port, **config)) for app, port in apps]
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    while not all(server.started for server in servers):
        await asyncio.sleep(0)
        for task in tasks:
            if task.done():
                task.result()
    yield
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)


def settings_for(folder: Path, upstream: str, **changes: Any) -> Settings:
    made = keys.provide(folder)
    routes = dict.fromkeys(NAMES, upstream)
    return Settings(**{"port": free_port(), "routes": {**routes, "down": f"http://127.0.0.1:{free_port()}"}, "demo": True,
                       "development_login": True, "signing_key": made.signing_key, "jwks": made.jwks,
                       "service_token": TOKEN, "accounts": folder / "accounts.json", **changes})  # fmt: skip
