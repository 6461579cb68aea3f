"""The two channels as the dispatcher sees them: draft a message for an address, call, settle a doubt."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import ClassVar, Protocol

from msgspec import Struct

from services.notify.contacts.domain import masked
from services.notify.email.service import Composer, Invitation, Post
from services.notify.sending.domain import Claimed, Outcome
from services.notify.sms.service import Gateway
from services.notify.smtp.service import Mailer
from services.notify.wording.domain import Scene
from services.notify.wording.service import Sms, Writer


class Draft(Struct, frozen=True):
    """One attempt before it is called. ``shown`` is the masked address, ``body`` what the receiver will read."""

    message_id: str
    attempt_id: str
    tries: int
    address: str
    shown: str
    title: str | None
    body: str
    parts: int | None
    content: Sms | bytes


class Channel(Protocol):
    """``group`` calls run side by side; their attempts are written together, so a crash puts no more than them in doubt."""

    name: ClassVar[str]

    @property
    def group(self) -> int:
        """How many at once."""
        ...

    def lines(self) -> AbstractAsyncContextManager[None]:
        """What is kept open while many are handed over."""
        ...

    def draft(self, row: Claimed, scene: Scene, address: str) -> Draft:
        """What would go out."""
        ...

    async def call(self, draft: Draft) -> Outcome:
        """Hand it over."""
        ...


@dataclass(frozen=True)
class SmsChannel:
    """SMS through a gateway."""

    name: ClassVar[str] = "sms"
    writer: Writer
    gateway: Gateway
    group: int = 100

    def lines(self) -> AbstractAsyncContextManager[None]:
        """Nothing: the HTTP client keeps its connections."""
        return nullcontext()

    def draft(self, row: Claimed, scene: Scene, address: str) -> Draft:
        """The template with its variables, and the text that will be read."""
        sms = self.writer.sms(scene)
        return Draft(
            row.message_id, attempt_id(row), row.tries + 1, address, masked(address), None, sms.text, sms.parts, sms
        )

    async def call(self, draft: Draft) -> Outcome:
        """Hand it to the gateway."""
        if not isinstance(draft.content, Sms):
            raise TypeError("not an SMS")
        return await self.gateway.send(draft.attempt_id, draft.address, draft.content)


@dataclass(frozen=True)
class EmailChannel:
    """Mail through an SMTP server."""

    name: ClassVar[str] = "email"
    writer: Writer
    composer: Composer
    mailer: Mailer
    group: int = 8

    def lines(self) -> AbstractAsyncContextManager[None]:
        """The connections to the mail server."""
        return self.mailer.lines()

    def draft(self, row: Claimed, scene: Scene, address: str) -> Draft:
        """The whole mail; the ledger keeps its text part."""
        letter, key = self.writer.letter(scene), attempt_id(row)
        text = self.composer.text(letter)
        post = Post(key, row.message_id, address, letter, scene.now, self._invitation(row, scene))
        mail = self.composer.mail(post, text)
        return Draft(row.message_id, key, row.tries + 1, address, masked(address), letter.subject, text, None, mail)

    def _invitation(self, row: Claimed, scene: Scene) -> Invitation | None:
        if not row.invitation or scene.klass is None or row.person_id is None:
            return None
        cancelled = row.template.startswith("cancelled")
        return Invitation(scene.klass, row.person_id, row.version, cancelled, self.writer.summary(scene))

    async def call(self, draft: Draft) -> Outcome:
        """Hand it to the server."""
        if not isinstance(draft.content, bytes):
            raise TypeError("not a mail")
        return await self.mailer.send(draft.address, draft.content)


def attempt_id(row: Claimed) -> str:
    """The reference that goes out: the message, and the number of the attempt."""
    return f"{row.message_id}.{row.tries + 1}"
