"""What may follow a decision: the person's appeal, what becomes of it, and a ban that ends early (L10). Pure."""

from datetime import date, datetime

import msgspec

from services.blacklist.entries.domain.calendar import day, last_second
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Refused, need_words
from shared.events.blacklist import BanAppealed, BanEvent, BanLifted, BanRange, BanUpheld


def appeal_until(entry: Entry) -> datetime | None:
    """The last second in which the person may appeal; None where nothing is decided or the rule knows no appeal."""
    rule = entry.rule.ban.appeal
    if rule is None or not rule.allowed or entry.confirmed_at is None:
        return None
    return last_second(entry.confirmed_at, rule.within, entry.rule.timezone)


def appeals(entry: Entry) -> bool:
    """Whether an appeal waits for a decision."""
    return entry.state == "confirmed" and entry.appealed_at is not None and entry.upheld_at is None


def in_force(entry: Entry, now: datetime) -> bool:
    """Whether the ban is confirmed and not over."""
    today = day(now, entry.rule.timezone)
    return entry.state == "confirmed" and any(today < r.ends_before for r in entry.ranges)


def appeal(entry: Entry, words: str, now: datetime) -> list[BanEvent]:
    """The person's appeal, once, against a confirmed ban.

    Errors: Refused words-missing, not-decided, no-appeal, appeal-closed, already-appealed.
    """
    need_words(words)
    if entry.state != "confirmed":
        raise Refused("not-decided", state=entry.state)
    until, rule = appeal_until(entry), entry.rule.ban.appeal
    if until is None or rule is None:
        raise Refused("no-appeal")
    if entry.appealed_at is not None:
        raise Refused("already-appealed", at=entry.appealed_at)
    if now > until:
        raise Refused("appeal-closed", until=until)
    decide_by = last_second(now, rule.decide_within, entry.rule.timezone)
    return [BanAppealed(entry_id=entry.entry_id, person_id=entry.person_id, appealed_at=now, decide_by=decide_by)]


def uphold(entry: Entry, words: str, principal: str, now: datetime) -> list[BanEvent]:
    """Turn an appeal down; the decision stays. Errors: Refused words-missing, not-appealed."""
    need_words(words)
    if not appeals(entry):
        raise Refused("not-appealed", state=entry.state)
    return [BanUpheld(entry_id=entry.entry_id, person_id=entry.person_id, upheld_at=now, decided_by=principal)]


def lift(entry: Entry, words: str, principal: str, now: datetime) -> list[BanEvent]:
    """End a ban from today on. Errors: Refused words-missing, not-in-force."""
    need_words(words)
    today = day(now, entry.rule.timezone)
    if not in_force(entry, now):
        raise Refused("not-in-force", state=entry.state)
    ranges = [_cut(r, today) for r in entry.ranges if r.starts_on < today]
    return [BanLifted(entry_id=entry.entry_id, person_id=entry.person_id, lifted_at=now, unit_path=entry.unit_path,
                      ranges=ranges, decided_by=principal)]  # fmt: skip


def _cut(given: BanRange, today: date) -> BanRange:
    return msgspec.structs.replace(given, ends_before=min(given.ends_before, today))
