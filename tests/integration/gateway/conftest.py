"""The gateway on a socket of its own, before a small service that the tests steer."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.demo import accounts
from deploy.gateway.app import create_app
from deploy.gateway.settings import Settings
from deploy.local.ports import free_port
from shared.client import client
from tests.integration.gateway.origin import served, settings_for
from tests.integration.gateway.service import Service


@dataclass
class Origin:
    """The gateway's address and what stands behind it."""

    url: str
    service: Service
    http: httpx.AsyncClient
    settings: Settings


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
        client(20, base_url=url) as http,
    ):
        yield Origin(url, service, http, settings)


def read_accounts(folder: Path) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((folder / "accounts.json").read_text())
    return read
