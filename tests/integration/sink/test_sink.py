"""The sink keeps what it gets, misbehaves on command, reports until it is heard, and remembers after a kill."""

import asyncio
import smtplib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx
import pytest
from fastapi import FastAPI, Request, Response

from deploy.local.ports import LOOPBACK, free_port
from deploy.sink.app import create_app
from deploy.sink.settings import Settings
from shared.client import client
from tests.support.served import served

ORDER = {"phone_number": "13900000000", "sign_name": "云岭省教师培训", "template_code": "receipt-unit", "out_id": "m.1",
         "template_param": {"unit": "示例师范大学", "document": "报到通知书", "punctual": "按时"}}  # fmt: skip


@dataclass
class Listener:
    """Takes receipts, or refuses them."""

    refuse: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/receipts")
        async def take(request: Request) -> Response:
            if self.refuse:
                self.refuse -= 1
                return Response(status_code=503)
            self.got += await request.json()
            return Response(status_code=200)

        return app


@dataclass
class Sink:
    http: httpx.AsyncClient
    smtp: int
    listener: Listener

    async def send(self, number: int = 0, **changes: Any) -> httpx.Response:
        body = {**ORDER, "phone_number": f"1390000{number:04d}", "out_id": f"m{number}.1"}
        return await self.http.post("/sink/sms/send", json={**body, **changes}, timeout=5)

    async def behave(self, **behaviour: Any) -> None:
        (await self.http.post("/sink/behaviour", json=behaviour)).raise_for_status()

    async def messages(self, **wanted: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.http.get("/sink/messages.json", params=wanted)).json()["messages"]
        return found

    async def reported(self, but: int = 0) -> list[dict[str, Any]]:
        """What the listener got, once only `but` receipts are still owed."""
        while (await self.http.get("/sink/pending")).json()["pending"] > but:
            pass
        return self.listener.got

    async def mail(self, subject: str = "主题") -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.invalid", "t@example.invalid", subject
        message["Message-ID"], message["X-Shipei-Message"] = "<m.1@example.invalid>", "m"
        message.set_content("正文")
        message.add_alternative("<p>正文</p>", subtype="html")
        await anyio.to_thread.run_sync(self._hand_over, message)

    def _hand_over(self, message: EmailMessage) -> None:
        with smtplib.SMTP(LOOPBACK, self.smtp, timeout=5) as client:
            client.send_message(message)


@asynccontextmanager
async def running(folder: Path, refuse: int = 0, **settings: Any) -> AsyncIterator[Sink]:
    """A sink as a demonstration has it, unless `settings` say otherwise."""
    listener = Listener(refuse)
    async with served(listener.app()) as origin:
        smtp = free_port()
        made = Settings(
            port=0,
            smtp=f"{LOOPBACK}:{smtp}",
            receipts_url=f"{origin}/receipts",
            sink_file=folder / "s.jsonl",
            **{"demo": True, **settings},
        )
        async with served(create_app(made)) as url, client(5, base_url=url) as http:
            yield Sink(http, smtp, listener)


async def test_an_sms_is_rendered_from_its_registered_template_and_reported(tmp_path: Path) -> None:
    async with running(tmp_path, refuse=2) as sink:
        assert (await sink.send()).json()["code"] == "OK"
        (message,) = await sink.messages(channel="sms")
        assert message["text"] == "【云岭省教师培训】示例师范大学：报到通知书已收到，按时"
        (receipt,) = await sink.reported()
        assert (receipt["out_id"], receipt["success"]) == ("m0.1", True)
        assert (await sink.messages())[0]["receipt"] == "delivered"
        assert (await sink.http.get("/sink/sms/query", params={"out_id": "m0.1"})).json()["found"] is True
        assert (await sink.http.get("/sink/sms/query", params={"out_id": "m1.1"})).json() == {
            "code": "OK",
            "found": False,
        }


@pytest.mark.parametrize(("changes", "code"), [
    ({"template_code": "free-text"}, "isv.SMS_TEMPLATE_ILLEGAL"),
    ({"sign_name": "别的签名"}, "isv.SMS_SIGNATURE_ILLEGAL"),
    ({"template_param": {"unit": "x"}}, "isv.TEMPLATE_MISSING_PARAMETERS"),
])  # fmt: skip
async def test_free_text_is_refused(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    async with running(tmp_path) as sink:
        assert (await sink.send(**changes)).json()["code"] == code
        assert await sink.messages() == []


async def test_it_misbehaves_on_command_and_only_as_often_as_told(tmp_path: Path) -> None:
    async with running(tmp_path) as sink:
        await sink.behave(channel="sms", mode="fail", count=1, code="isv.OUT_OF_SERVICE")
        codes = [(await sink.send(n)).json()["code"] for n in range(2)]
        await sink.behave(channel="sms", mode="busy", count=1)
        busy = await sink.send(2)
        await sink.behave(channel="sms", mode="drop_answer", count=1)
        dropped = await sink.send(3)
        await sink.behave(channel="sms", mode="twice", count=1)
        await sink.send(4)
        await sink.behave(channel="sms", mode="fail_receipt", count=1, to="13900000005")
        await sink.send(6)
        await sink.send(5)
        assert codes == ["isv.OUT_OF_SERVICE", "OK"]
        assert (busy.status_code, dropped.status_code) == (429, 502)
        assert [m["attempt_id"] for m in await sink.messages()] == ["m1.1", "m3.1", "m4.1", "m6.1", "m5.1"]
        reported = [(r["out_id"], r["success"]) for r in await sink.reported()]
        assert sorted(reported) == [
            ("m1.1", True),
            ("m3.1", True),
            ("m4.1", True),
            ("m4.1", True),
            ("m5.1", False),
            ("m6.1", True),
        ]


async def test_a_mail_is_kept_with_both_parts_or_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as sink:
        await sink.mail()
        await sink.behave(channel="email", mode="fail", count=1)
        with pytest.raises(smtplib.SMTPDataError):
            await sink.mail("不收")
        (message,) = await sink.messages(channel="email")
        assert (message["message_id"], message["attempt_id"], message["subject"]) == ("m", "m.1", "主题")
        assert message["text"].strip() == "正文"
        assert "<p>正文</p>" in message["html"]
        for path in ("/sink/", "/sink/messages/1", "/sink/messages/1/html", "/sink/static/sink.css"):
            assert (await sink.http.get(path)).status_code == 200
        assert "sandbox" in (await sink.http.get("/sink/messages/1/html")).headers["content-security-policy"]


async def test_messages_and_owed_receipts_outlive_the_process(tmp_path: Path) -> None:
    async with running(tmp_path, refuse=1000) as sink:
        await sink.send(0)
        await sink.send(1)
        assert (await sink.http.post("/sink/forget", json={"channel": "sms"})).json() == {"forgotten": 1}
    with (tmp_path / "s.jsonl").open("a") as file:
        file.write('{"kind": "message", "val')  # a line that a kill cut off
    async with running(tmp_path) as sink:
        assert [m["attempt_id"] for m in await sink.messages()] == ["m0.1"]
        assert sorted(r["out_id"] for r in await sink.reported()) == ["m0.1", "m1.1"]
        await sink.send(2)
    async with running(tmp_path) as sink:
        assert [(m["n"], m["attempt_id"]) for m in await sink.messages()] == [(1, "m0.1"), (3, "m2.1")]


async def test_a_late_receipt_waits_for_its_own_time_however_many_others_are_due(tmp_path: Path) -> None:
    async with running(tmp_path) as sink:
        await sink.behave(channel="sms", mode="late_receipt", seconds=600, count=1)
        await sink.send(0)
        await sink.behave(channel="sms", mode="late_receipt", seconds=1, count=1)
        begun = time.monotonic()
        await sink.send(1)
        await sink.send(2)
        assert [r["out_id"] for r in await sink.reported(but=1)] == ["m2.1", "m1.1"]
        assert time.monotonic() - begun > 0.9
    async with running(tmp_path) as sink:
        await sink.send(3)
        assert [r["out_id"] for r in await sink.reported(but=1)] == ["m3.1"]


async def test_a_late_answer_finds_the_message_taken(tmp_path: Path) -> None:
    async with running(tmp_path) as sink:
        await sink.behave(channel="sms", mode="late_answer", seconds=5, count=1)
        waiting = asyncio.create_task(sink.http.post("/sink/sms/send", json=ORDER, timeout=60))
        while not await sink.messages():
            pass
        assert not waiting.done()
        waiting.cancel()
        refused = await sink.http.post("/sink/behaviour", json={"channel": "sms", "mode": "delay"})
        assert refused.status_code == 422
