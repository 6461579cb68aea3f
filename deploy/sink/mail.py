"""The SMTP side: takes every mail and keeps it."""

import asyncio
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.sink.behaviour import Behaviour
from deploy.sink.mailbox import Mailbox, Message


class Handler:
    """aiosmtpd's handler: one DATA command, one mail for each recipient."""

    def __init__(self, mailbox: Mailbox, behaviour: Behaviour) -> None:
        self._mailbox = mailbox
        self._behaviour = behaviour

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail as the present order says; answers an SMTP reply line."""
        order = self._behaviour.next("email")
        if order.mode == "fail":
            return "550 5.1.1 no such mailbox"
        if order.mode == "busy":
            return "451 4.3.2 try again later"
        parsed = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        for to in envelope.rcpt_tos:
            for _ in range(2 if order.mode == "twice" else 1):
                self._mailbox.keep(read(parsed, to, self._mailbox.next_number()))
        if order.mode in {"late_answer", "drop_answer"}:
            await asyncio.sleep(order.seconds)
        return "421 closing" if order.mode == "drop_answer" else "250 OK"


def read(parsed: EmailMessage, to: str, number: int) -> Message:
    """A mail as its receiver's program shows it."""
    plain, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    return Message(
        n=number,
        channel="email",
        to=to,
        subject=str(parsed["subject"]),
        text=str(plain.get_content()) if plain else "",
        html=str(html.get_content()) if html else "",
        reference=str(parsed["message-id"]).strip("<> ").split("@")[0],
        received_at=datetime.now(UTC).isoformat(),
        headers={k: str(v) for k, v in parsed.items()},
        attachments=[str(a.get_filename()) for a in parsed.iter_attachments()],
    )
