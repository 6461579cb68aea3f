"""Who may see what the sink received, and what it says to those who may not or ask for something that is not there."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.gateway.accounts import Account, Words
from deploy.gateway.tokens import Signer
from deploy.local import keys
from deploy.sink.behaviour import Behaviour
from tests.integration.sink.test_sink import running
from tests.support.visitor import HTML
from tests.unit.shared.pages.markup import Page

CLOSED: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/sink/", {}),
    ("GET", "/sink/messages.json", {}),
    ("GET", "/sink/messages/1", {}),
    ("GET", "/sink/messages/1/html", {}),
    ("GET", "/sink/behaviour", {}),
    ("POST", "/sink/behaviour", {"json": Behaviour(channel="sms", mode="fail").model_dump()}),
    ("POST", "/sink/switch", {"data": {"channel": "sms", "mode": "fail"}}),
    ("POST", "/sink/forget", {"json": {"channel": "email", "count": 1}}),
]


class Doors:
    """The keys of an installation in real time, and tokens that they make."""

    def __init__(self, folder: Path) -> None:
        self.keys = keys.provide(folder)
        self.settings: dict[str, Any] = {
            "demo": False,
            "jwks": self.keys.jwks,
            "service_token": self.keys.service_token,
        }

    def of(self, role: str, issuer: str = "shipei-local") -> dict[str, str]:
        """The header of somebody who is signed in."""
        account = Account(role, role, Words(role, role), Words("", ""), "410000")
        return bearer(Signer(self.keys.signing_key, self.keys.jwks, issuer).sign(account))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return Doors(tmp_path)


async def answers(http: httpx.AsyncClient, headers: dict[str, str]) -> list[int]:
    return [(await http.request(m, path, headers=headers, **more)).status_code for m, path, more in CLOSED]


async def test_in_real_time_messages_are_for_operations_and_the_programs_alone(tmp_path: Path, doors: Doors) -> None:
    async with running(tmp_path, **doors.settings) as sink:
        await sink.mail()
        await sink.send()
        for stranger in ({}, bearer("made-up"), doors.of("ops", issuer="elsewhere")):
            assert await answers(sink.http, stranger) == [401] * len(CLOSED)
        for role in ("province", "teacher", "service"):
            assert await answers(sink.http, doors.of(role)) == [403] * len(CLOSED)
        held = await sink.http.get("/sink/messages.json", headers=bearer(doors.keys.service_token))
        assert [m["channel"] for m in held.json()["messages"]] == ["email", "sms"]
        assert await answers(sink.http, doors.of("ops")) == [200, 200, 200, 200, 200, 204, 303, 200]
        assert (await sink.http.get("/sink/readyz")).json() == {"ready": True}


async def test_a_browser_is_led_to_the_sign_in_and_a_session_lets_operations_in(tmp_path: Path, doors: Doors) -> None:
    async with running(tmp_path, **doors.settings) as sink:
        led = await sink.http.get("/sink/?channel=sms", headers=HTML)
        assert (led.status_code, led.headers["location"]) == (303, "/login?next=/sink/%3Fchannel%3Dsms")
        session = doors.of("ops")["authorization"].removeprefix("Bearer ")
        sink.http.cookies.set("shipei_session", session)
        page = await sink.http.get("/sink/", headers=HTML)
        assert "演示收件箱" in page.text
        sink.http.cookies.set("shipei_session", doors.of("city")["authorization"].removeprefix("Bearer "))
        refused = await sink.http.get("/sink/", headers=HTML)
        assert (refused.status_code, "您的身份不能办理此事" in refused.text) == (403, True)


async def test_a_demonstration_is_open(tmp_path: Path, doors: Doors) -> None:
    async with running(tmp_path, **{**doors.settings, "demo": True}) as sink:
        await sink.mail()
        assert await answers(sink.http, bearer("of an earlier demonstration")) == [
            200,
            200,
            200,
            200,
            200,
            204,
            303,
            200,
        ]


@pytest.mark.parametrize(("path", "status", "zh", "en"), [
    ("/sink/messages/99", 404, "没有找到", "Not found"),
    ("/sink/nothing", 404, "没有找到", "Not found"),
    ("/sink/static/nothing.css", 404, "没有找到", "Not found"),
    ("/sink/messages/one", 422, "有内容要改", "Some fields need a change"),
    ("/sink/?page=0", 422, "有内容要改", "Some fields need a change"),
    ("/sink/forget", 405, "这个网址不能这样用", "This address is used in another way"),
])  # fmt: skip
async def test_what_is_not_there_is_said_in_both_languages(
    tmp_path: Path, path: str, status: int, zh: str, en: str
) -> None:
    async with running(tmp_path) as sink:
        for lang, words in (("zh", zh), ("en", en)):
            page = await sink.http.get(path, headers=HTML, params={**httpx.URL(path).params, "lang": lang})
            assert (page.status_code, Page(page.text).mistakes, words in page.text) == (status, [], True)
        problem = (await sink.http.get(path)).json()
        assert (problem["zh"]["title"], problem["en"]["title"]) == (zh, en)


async def test_a_switch_that_there_is_not_is_refused_on_a_page(tmp_path: Path) -> None:
    async with running(tmp_path) as sink:
        refused = await sink.http.post("/sink/switch", data={"channel": "sms", "mode": "delay"}, headers=HTML)
        assert (refused.status_code, "mode" in refused.text) == (422, True)
