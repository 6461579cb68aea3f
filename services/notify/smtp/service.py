"""Hands mails to an SMTP server, step by step, so that a lost answer is told from a refusal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiosmtplib

from services.notify.email.domain import refused
from services.notify.sending.domain import Outcome


@dataclass(frozen=True)
class Mailer:
    """An SMTP server. Three times the ``timeout`` (seconds) is shorter than the lease of an attempt.

    Connections are kept from one mail to the next as long as ``lines`` is open.
    """

    host: str
    port: int
    sender: str
    timeout: float
    idle: list[aiosmtplib.SMTP] = field(default_factory=list, repr=False)

    @asynccontextmanager
    async def lines(self) -> AsyncIterator[None]:
        """Mails are sent inside; afterwards every connection is closed in order."""
        try:
            yield
        finally:
            while self.idle:
                with suppress(aiosmtplib.SMTPException, OSError):  # all is handed over; a rude goodbye changes nothing
                    await self.idle.pop().quit()

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """One connection for one mail; it is kept unless something went wrong."""
        client = self.idle.pop() if self.idle else await self._connect()
        try:
            yield client
        except BaseException:
            client.close()
            raise
        self.idle.append(client)

    async def _connect(self) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(hostname=self.host, port=self.port, timeout=self.timeout, start_tls=None)
        await client.connect()
        async with asyncio.timeout(self.timeout):
            await client.ehlo()
        return client

    async def send(self, address: str, mail: bytes) -> Outcome:
        """Hand over one mail. Refused before its content: nothing was taken. Lost after it: in doubt."""
        handed_over = False
        try:
            async with self._line() as client:
                async with asyncio.timeout(self.timeout):
                    await client.mail(self.sender)
                    await client.rcpt(address)
                handed_over = True
                async with asyncio.timeout(self.timeout):
                    answer = await client.data(mail)
        except aiosmtplib.SMTPResponseException as error:
            return refused(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Outcome("in_doubt" if handed_over else "deferred", type(error).__name__)
        return Outcome("accepted", f"smtp-{answer.code}", answer.message[:200])
