"""Mails: text, HTML and an invitation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from functools import cached_property
from pathlib import Path
from typing import Final

import css_inline
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

    @cached_property
    def _inliner(self) -> css_inline.CSSInliner:
        return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)

    def text(self, letter: Letter) -> str:
        """The text part: also what the ledger keeps of a mail."""
        return self._jinja.get_template("mail.txt").render(letter=letter, words=self._words()).strip() + "\n"

    def _html(self, letter: Letter) -> str:
        html: str = self._inliner.inline(
            self._jinja.get_template("mail.html").render(letter=letter, words=self._words())
        )
        return html

    def _words(self) -> dict[str, dict[str, str]]:
        return {lang: {w: self.texts.get(lang, f"mail.{w}") for w in ("old", "new")} for lang in LANGUAGES}

    def mail(self, post: Post, text: str) -> Message:
        """The whole message: text, HTML, and the invitation twice, as an alternative and as a file.

        Built of MIME parts: ``EmailMessage`` parses each header that it is given, which takes most of a mail's time.
        """
        parts = [MIMEText(text, "plain", "utf-8"), MIMEText(self._html(post.letter), "html", "utf-8")]
        mail = MIMEMultipart("alternative", _subparts=parts)
        if post.invitation:
            calendar, method = self._calendar(post.invitation, post), _method(post.invitation)
            mail.attach(_calendar_part(calendar, method))
            file = _calendar_part(calendar, method)
            file.add_header("Content-Disposition", "attachment", filename="invite.ics")
            mail = MIMEMultipart("mixed", _subparts=[mail, file])
        for name, value in self._headers(post):
            mail[name] = value
        return mail

    def _headers(self, post: Post) -> Iterator[tuple[str, str]]:
        yield "From", formataddr((post.letter.sender, self.sender))
        yield "To", post.address
        yield "Subject", Header(post.letter.subject, "utf-8", header_name="Subject").encode()
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


def _calendar_part(calendar: str, method: str) -> MIMEText:
    part = MIMEText(calendar, "calendar", "utf-8")
    part.set_param("method", method)
    return part
