"""Who asks again at once after a fault gets an answer, not the end of a connection that the server has just closed."""

from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI

from shared.client import client
from shared.problems import answer_failure
from shared.texts import Texts
from tests.support.served import served
from tests.support.year import POLICIES

TEXTS = POLICIES.parents[1] / "services" / "enrolment" / "texts.yaml"


async def test_a_fault_is_answered_each_time_it_is_asked_for() -> None:
    app = FastAPI(exception_handlers={Exception: answer_failure})
    app.state.runtime = SimpleNamespace(texts=Texts.load(TEXTS))

    @app.post("/")
    async def post() -> Any:
        raise RuntimeError("a fault")

    async with served(app) as origin, client(10) as http:
        answers = [await http.post(origin, json={}) for _ in range(50)]
    assert {(a.status_code, a.json()["code"], a.headers.get("connection")) for a in answers} == {
        (500, "failed", "close")
    }
