"""Hands mails to an SMTP server, step by step, so that a lost answer is told from a refusal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32

import aiosmtplib

from services.notify.email.domain import refused
from services.notify.sending.domain import Outcome

LINES = compat32.clone(linesep="\r\n")


@dataclass(frozen=True)
class Mailer:
    """An SMTP server. Three times the ``timeout`` (seconds) is shorter than the lease of an attempt."""

    host: str
    port: int
    sender: str
    timeout: float

    @asynccontextmanager
    async def line(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """One connection for a few mails. Errors: aiosmtplib.SMTPException, OSError before anything is sent."""
        client = aiosmtplib.SMTP(hostname=self.host, port=self.port, timeout=self.timeout, start_tls=None)
        await client.connect()
        try:
            yield client
            with suppress(aiosmtplib.SMTPException, OSError):  # the mail is handed over; a rude goodbye changes nothing
                await client.quit()
        finally:
            client.close()

    async def send(self, address: str, mail: Message) -> Outcome:
        """Hand over one mail. Refused before its content: nothing was taken. Lost after it: in doubt."""
        try:
            async with self.line() as client:
                async with asyncio.timeout(self.timeout):
                    await client.ehlo()
                    await client.mail(self.sender)
                    await client.rcpt(address)
                return await self._content(client, mail)
        except aiosmtplib.SMTPResponseException as error:
            return refused(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Outcome("deferred", type(error).__name__)

    async def _content(self, client: aiosmtplib.SMTP, mail: Message) -> Outcome:
        try:
            async with asyncio.timeout(self.timeout):
                answer = await client.data(mail.as_bytes(policy=LINES))
        except aiosmtplib.SMTPResponseException as error:
            return refused(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Outcome("in_doubt", type(error).__name__)
        return Outcome("accepted", f"smtp-{answer.code}", answer.message[:200])
