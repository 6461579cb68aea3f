from typing import Any, cast

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.reporting.app import SERVICE
from shared.auth import COOKIE
from shared.problems import PASSING, Problem
from shared.runtime import Runtime
from shared.service import create_app
from shared.texts import Texts


def test_a_detail_may_have_any_name() -> None:
    problem = Problem(409, "class-is-closed", status="ended", code="x")
    assert (problem.status, problem.code) == (409, "class-is-closed")
    assert problem.details == {"status": "ended", "code": "x"}


def make_app() -> FastAPI:
    settings, nothing = SERVICE.settings.model_construct(), cast("Any", None)
    app = create_app(SERVICE, settings)
    texts = Texts.load(SERVICE.package / "texts.yaml")
    app.state.runtime = Runtime("reporting", settings, nothing, nothing, texts, nothing, nothing, nothing)
    return app


async def ask(app: FastAPI, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        return await http.request(method, path)


@pytest.mark.parametrize("kind", [*PASSING, asyncpg.DeadlockDetectedError, asyncpg.TooManyConnectionsError])
async def test_what_passes_is_answered_with_try_again(kind: type[Exception]) -> None:
    app = make_app()

    @app.get("/fails")
    async def fails() -> None:
        raise kind("no lock in time")

    answer = await ask(app, "GET", "/fails")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(("method", "path", "status", "code"),
                         [("GET", "/reporting/nowhere", 404, "out-of-scope"), ("PUT", "/reporting/healthz", 405, "not-served")])  # fmt: skip
async def test_what_no_route_serves_is_told_in_both_languages(method: str, path: str, status: int, code: str) -> None:
    answer = await ask(make_app(), method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["zh"]["remedy"]
    assert answer.json()["en"]["remedy"]


async def test_after_a_fault_of_ours_the_connection_is_not_used_again() -> None:
    """The server drops it, and a request that another had already put on it would be lost without an answer."""
    app = make_app()

    @app.get("/fails")
    async def fails() -> None:
        raise asyncpg.InterfaceError("the underlying connection is closed")

    answer = await ask(app, "GET", "/fails")
    assert (answer.status_code, answer.json()["code"], answer.headers["connection"]) == (500, "failed", "close")


async def test_a_write_from_another_site_is_refused_in_both_languages() -> None:
    headers = {"cookie": f"{COOKIE}=x", "sec-fetch-site": "cross-site"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://here") as http:
        answer = await http.post("/reporting/bulletins", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-site-write")
    assert answer.json()["zh"]["remedy"]
    assert answer.json()["en"]["remedy"]
