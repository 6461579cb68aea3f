"""What persons do with an entry: the reply, the confirmations, the quashing. Refusals name what stands in the way."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.blacklist.entries.domain.calendar import day, ranges
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.settling import OPEN
from shared.events.blacklist import BanConfirmed, BanEvent, BanQuashed, BanReplied

BY_DECISION: Final = "decided"
BY_APPEAL: Final = "appeal"


class Refused(Exception):  # noqa: N818  (says what happened)
    """A decision that may not be taken. ``code`` names the text, ``details`` go into it."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Confirmation(msgspec.Struct, frozen=True):
    """One person's confirmation; the words stay in this service."""

    principal: str
    reason: str
    confirmed_at: datetime


def reply(entry: Entry, words: str, now: datetime) -> list[BanEvent]:
    """The person's reply, once, until the end of the window (L10).

    Errors: Refused words-missing, not-open, not-told, reply-closed, already-replied.
    """
    need_words(words)
    if entry.state not in OPEN:
        raise Refused("not-open", state=entry.state)
    if entry.reply_until is None:
        raise Refused("not-told")
    if now > entry.reply_until:
        raise Refused("reply-closed", until=entry.reply_until)
    if entry.replied_at is not None:
        raise Refused("already-replied", at=entry.replied_at)
    return [BanReplied(entry_id=entry.entry_id, person_id=entry.person_id, replied_at=now)]


def may_confirm(entry: Entry, given: Sequence[Confirmation], principal: str, now: datetime) -> None:
    """Refuse what stands in the way of one more confirmation (L09, L10).

    Errors: Refused not-open, evidence-missing, not-told, reply-window-open, same-person.
    """
    if entry.state not in OPEN:
        raise Refused("not-open", state=entry.state)
    missing = [e.kind for e in entry.evidence if not e.present]
    if missing or not entry.complete:
        raise Refused("evidence-missing", missing=missing)
    if entry.reply_until is None:
        raise Refused("not-told")
    if now <= entry.reply_until:
        raise Refused("reply-window-open", until=entry.reply_until)
    if any(c.principal == principal for c in given):
        raise Refused("same-person")


def confirm(
    entry: Entry, given: Sequence[Confirmation], own: Confirmation, anchors: Mapping[str, date | None]
) -> list[BanEvent]:
    """One more confirmation; with the last one that the rule asks for, the ban with its ranges (L08, L09).

    Errors: those of ``may_confirm``, and Refused words-missing.
    """
    need_words(own.reason)
    may_confirm(entry, given, own.principal, own.confirmed_at)
    everyone = [*(c.principal for c in given), own.principal]
    ban = entry.rule.ban
    if len(everyone) < ban.confirmation.persons:
        return []
    confirmed_on = day(own.confirmed_at, entry.rule.timezone)
    return [
        BanConfirmed(
            entry_id=entry.entry_id,
            person_id=entry.person_id,
            confirmed_at=own.confirmed_at,
            rule_key=ban.key,
            rule_version=ban.version,
            unit_path=entry.unit_path,
            ranges=ranges(ban, anchors, confirmed_on),
            decided_by=everyone,
        )
    ]


def quash(entry: Entry, words: str, now: datetime) -> list[BanEvent]:
    """A person voids the entry, before or after its confirmation. Errors: Refused words-missing, not-open."""
    need_words(words)
    if entry.state == "quashed":
        raise Refused("not-open", state=entry.state)
    reason = BY_DECISION if entry.appealed_at is None else BY_APPEAL
    return [BanQuashed(entry_id=entry.entry_id, person_id=entry.person_id, quashed_at=now, reason=reason)]


def need_words(words: str) -> None:
    """Whoever decides or replies says something. Errors: Refused words-missing."""
    if not words.strip():
        raise Refused("words-missing")
