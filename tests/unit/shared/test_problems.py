from typing import Any, cast

import asyncpg
import httpx
import pytest

from services.reporting.app import SERVICE
from shared.problems import PASSING, Problem
from shared.runtime import Runtime
from shared.service import create_app
from shared.texts import Texts


def test_a_detail_may_have_any_name() -> None:
    problem = Problem(409, "class-is-closed", status="ended", code="x")
    assert (problem.status, problem.code) == (409, "class-is-closed")
    assert problem.details == {"status": "ended", "code": "x"}


@pytest.mark.parametrize("kind", [*PASSING, asyncpg.DeadlockDetectedError, asyncpg.TooManyConnectionsError])
async def test_what_passes_is_answered_with_try_again(kind: type[Exception]) -> None:
    settings, nothing = SERVICE.settings.model_construct(), cast("Any", None)
    app = create_app(SERVICE, settings)
    texts = Texts.load(SERVICE.package / "texts.yaml")
    app.state.runtime = Runtime("reporting", settings, nothing, nothing, texts, nothing, nothing, nothing)

    @app.get("/fails")
    async def fails() -> None:
        raise kind("no lock in time")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        answer = await http.get("/fails")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["retry-after"]) > 0
