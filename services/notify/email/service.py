"""Mails: text, HTML and an invitation.

The parts are put together with their base64 and their boundaries at hand: the library would look each header over for
what needs folding and each text for a boundary that it holds, which takes longer than all the rest of a mail.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr
from functools import cached_property
from pathlib import Path
from typing import Final

import jinja2
from icalendar import Calendar, Event, vCalAddress, vText
from msgspec import Struct

from services.notify.email.domain import message_id, uid
from services.notify.wording.domain import Klass
from services.notify.wording.service import Letter
from shared.texts import LANGUAGES, Texts

TEMPLATES: Final = Path(__file__).with_name("templates")


class Invitation(Struct, frozen=True):
    """A class in the receiver's calendar. ``sequence`` is the version of its date."""

    klass: Klass
    person_id: str
    sequence: int
    cancelled: bool
    summary: str


class Post(Struct, frozen=True):
    """One mail to one address. ``message_id`` is the ledger's."""

    attempt_id: str
    message_id: str
    address: str
    letter: Letter
    now: datetime
    invitation: Invitation | None = None


@dataclass(frozen=True)
class Composer:
    """Makes mails of letters."""

    texts: Texts
    sender: str

    @cached_property
    def _jinja(self) -> jinja2.Environment:
        return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined,
                                  autoescape=jinja2.select_autoescape(["html"]), trim_blocks=True)  # fmt: skip

    def text(self, letter: Letter) -> str:
        """The text part: also what the ledger keeps of a mail."""
        return self._jinja.get_template("mail.txt").render(letter=letter, words=self._words()).strip() + "\n"

    def _html(self, letter: Letter) -> str:
        return self._jinja.get_template("mail.html").render(letter=letter, words=self._words())

    def _words(self) -> dict[str, dict[str, str]]:
        return {lang: {w: self.texts.get(lang, f"mail.{w}") for w in ("old", "new")} for lang in LANGUAGES}

    def mail(self, post: Post, text: str) -> bytes:
        """The whole message: text, HTML, and the invitation twice, as an alternative and as a file."""
        parts: list[MIMEBase] = [_part(text, "plain"), _part(self._html(post.letter), "html")]
        if post.invitation:
            inside, file = [self._invited(post.invitation, post) for _ in range(2)]
            file["Content-Disposition"] = 'attachment; filename="invite.ics"'
            parts = [_together("alternative", [*parts, inside]), file]
        mail = _together("mixed" if post.invitation else "alternative", parts)
        for name, value in self._headers(post):
            mail[name] = value
        return mail.as_bytes(policy=AS_IS)

    def _invited(self, invitation: Invitation, post: Post) -> MIMENonMultipart:
        part = _part(self._calendar(invitation, post), "calendar")
        part.set_param("method", _method(invitation))
        return part

    def _headers(self, post: Post) -> Iterator[tuple[str, str]]:
        yield "From", formataddr((post.letter.sender, self.sender))
        yield "To", post.address
        yield "Subject", Header(post.letter.subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
        yield "Date", format_datetime(post.now)
        yield "Message-ID", message_id(post.attempt_id, self.sender)
        yield "Auto-Submitted", "auto-generated"
        yield "X-Shipei-Message", post.message_id

    def _calendar(self, invitation: Invitation, post: Post) -> str:
        calendar = Calendar()
        calendar.add("prodid", "-//Shipei//notify//EN")
        calendar.add("version", "2.0")
        calendar.add("method", _method(invitation))
        calendar.add_component(self._event(invitation, post))
        return bytes(calendar.to_ical()).decode()

    def _event(self, invitation: Invitation, post: Post) -> Event:
        klass = invitation.klass
        event = Event()
        event.add("uid", uid(klass.class_id, invitation.person_id, self.sender))
        event.add("sequence", invitation.sequence)
        event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
        event.add("dtstamp", post.now.astimezone(UTC))
        event.add("dtstart", klass.starts_on)
        event.add("dtend", klass.ends_on + timedelta(days=1))
        event.add("summary", invitation.summary)
        event.add("location", vText(klass.address))
        event.add("organizer", vCalAddress(f"mailto:{self.sender}"))
        attendee = vCalAddress(f"mailto:{post.address}")
        attendee.params["RSVP"] = "FALSE"
        event.add("attendee", attendee)
        return event


def _method(invitation: Invitation) -> str:
    return "CANCEL" if invitation.cancelled else "REQUEST"


def _together(kind: str, parts: Sequence[MIMEBase]) -> MIMEMultipart:
    return MIMEMultipart(kind, boundary=f"=_{kind}", _subparts=parts)  # no base64 holds "=_"


def _part(text: str, kind: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(text.encode()).decode("ascii"))
    return part


class AsIs(Compat32):
    """Headers go out as they are; the only one that can be long is folded where it is made."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header. ValueError for a line break that is no fold: it would begin a header of the sender's choice."""
        if {"\r", "\n"} & set(value.replace(f"{self.linesep} ", "")):
            raise ValueError(f"{name} holds a line break")
        return f"{name}: {value}{self.linesep}".encode()


AS_IS: Final = AsIs(linesep="\r\n")
