"""The gateway on a socket of its own, before a small service that the tests steer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
        server.should_exit = server.force_exit = True
    await asyncio.gather(*tasks)


def settings_for(folder: Path, upstream: str, **changes: Any) -> Settings:
    made = keys.provide(folder)
    routes = dict.fromkeys(("enrolment", "notify", "blacklist", "reporting", "sink"), upstream)
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
    service, port = Service(), free_port()
    settings = settings_for(folder, f"http://127.0.0.1:{port}", assets=folder / "assets")
    url = f"http://127.0.0.1:{settings.port}"
    async with (
        served((service.app, port), (create_app(settings), settings.port)),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http,
    ):
        yield Origin(url, service, http, settings)


def read_accounts(folder: Path) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((folder / "accounts.json").read_text())
    return read
