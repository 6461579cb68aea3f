"""The SMTP side: takes every mail to anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from typing import Any, Final, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.sink.behaviour import Switchboard
from deploy.sink.box import Attachment, Box

LIMIT: Final = 30 * 1024 * 1024


class Handler:
    """Keeps what comes in; the ``code`` of a refusal is a whole SMTP reply, such as ``550 5.1.1 no such mailbox``."""

    def __init__(self, box: Box, switchboard: Switchboard) -> None:
        self._box = box
        self._switchboard = switchboard

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """One mail, to one or more receivers."""
        to = ", ".join(envelope.rcpt_tos)
        behaviour = self._switchboard.next("email", to)
        if behaviour.mode == "fail":
            return behaviour.code or "554 5.7.1 refused on command"
        if behaviour.mode == "busy":
            return "451 4.3.2 busy on command"
        if behaviour.mode == "lose":
            await asyncio.sleep(behaviour.seconds)
            return "451 4.4.2 lost on command"
        self._keep(envelope, to)
        if behaviour.mode == "late_answer":
            await asyncio.sleep(behaviour.seconds)
        if behaviour.mode == "drop_answer":
            await hang_up(server)
        return "250 2.0.0 kept"

    def _keep(self, envelope: Envelope, to: str) -> None:
        mail = message_from_bytes(envelope.original_content or b"")
        self._box.keep(**describe(mail), to=to, sender=said(mail["From"]) or str(envelope.mail_from))


async def hang_up(server: SMTP) -> None:
    """End the connection without a word: any answer would be one. The lost connection cancels whoever waits here."""
    cast("asyncio.Transport", server.transport).abort()
    await asyncio.Event().wait()


def describe(mail: Message) -> dict[str, Any]:
    """A mail's parts, decoded."""
    texts = {p.get_content_type(): _text(p) for p in reversed(list(mail.walk())) if p.get_content_maintype() == "text"}
    attempt = said(mail["Message-ID"]).strip("<>").partition("@")[0]
    return {
        "channel": "email",
        "message_id": said(mail["X-Shipei-Message"]) or attempt,
        "attempt_id": attempt,
        "subject": said(mail["Subject"]),
        "dated": said(mail["Date"]) or None,
        "text": texts.get("text/plain", ""),
        "html": texts.get("text/html"),
        "headers": [(name, said(value)) for name, value in mail.items()],
        "attachments": [_attachment(part) for part in mail.walk() if part.get_content_type() == "text/calendar"],
    }


def said(header: str | None) -> str:
    """A header's words: unfolded, encoded words decoded."""
    return str(make_header(decode_header(" ".join(str(header or "").split()))))


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode(part.get_content_charset("utf-8"), "replace") if isinstance(content, bytes) else ""


def _attachment(part: Message) -> Attachment:
    return Attachment(part.get_filename() or "", said(part["Content-Type"]), _text(part))


@asynccontextmanager
async def listening(host: str, port: int, handler: Handler) -> AsyncIterator[asyncio.Server]:
    """The server, until the block ends. Errors: OSError when the port is taken."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=LIMIT, enable_SMTPUTF8=True, hostname="sink.example.invalid", loop=loop),
        host,
        port,
    )
    try:
        yield server
    finally:
        server.close()
        await server.wait_closed()
