"""The gateway on a socket of its own, before a small service that the tests steer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.types import ASGIApp

from deploy.demo import accounts
from deploy.gateway.app import create_app
from deploy.gateway.settings import Settings
from deploy.local import keys
from deploy.local.ports import free_port
from tests.integration.gateway.service import Service

TOKEN = "service-token"


@dataclass
class Origin:
    """The gateway's address and what stands behind it."""

    url: str
    service: Service
    http: httpx.AsyncClient
    settings: Settings
    extra: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def served(app: ASGIApp, port: int) -> AsyncIterator[str]:
    """A real server in this loop; ready when given."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, lifespan="auto", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
        if task.done():
            task.result()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


def settings_for(folder: Path, upstream: str, **changes: Any) -> Settings:
    made = keys.provide(folder)
    routes = {name: upstream for name in ("enrolment", "notify", "blacklist", "reporting", "sink")}
    return Settings(**{"port": free_port(), "routes": {**routes, "down": f"http://127.0.0.1:{free_port()}"}, "demo": True,
                       "development_login": True, "signing_key": made.signing_key, "jwks": made.jwks,
                       "service_token": TOKEN, "accounts": folder / "accounts.json", **changes})  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    accounts.write(tmp_path / "accounts.json", [{"name": f"教师{i}", "person_id": f"p{i}"} for i in range(3)])
    (tmp_path / "assets/bootstrap").mkdir(parents=True)
    (tmp_path / "assets/bootstrap/bootstrap.min.css").write_text("body{}")
    return tmp_path


@pytest_asyncio.fixture
async def origin(folder: Path) -> AsyncIterator[Origin]:
    """A gateway with everything switched on."""
    async with AsyncExitStack() as stack:
        service = Service()
        upstream = await stack.enter_async_context(served(service.app, free_port()))
        settings = settings_for(folder, upstream, assets=folder / "assets")
        url = await stack.enter_async_context(served(create_app(settings), settings.port))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False, timeout=20))
        yield Origin(url, service, http, settings)


def read_accounts(folder: Path) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((folder / "accounts.json").read_text())
    return read
