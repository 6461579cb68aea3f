"""What a reader of a case is shown: where it stands, which proofs are there, what happened. Pure; words are keys of texts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.blacklist.entries.domain.appealing import appeals, lift, uphold
from services.blacklist.entries.domain.calendar import DAY, day, ranges
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Confirmation, may_confirm, quash

OPEN: Final = ("proposed", "notified")
BAD: Final = frozenset({"no_show", "dismissed", "not_completed"})


class Check(msgspec.Struct, frozen=True):
    """A line of the evidence list. ``ok`` is None for what is still to come; ``hint`` is a key with its variables."""

    ok: bool | None
    title: str
    hint: str
    details: Mapping[str, Any] = {}


class Step(msgspec.Struct, frozen=True):
    """A step of the way. ``state``: ok, late (something bad), now, todo. ``void``: why it does not count any more."""

    at: datetime
    what: str
    state: str
    void: str | None = None


def stage(entry: Entry, confirmations: int, now: datetime) -> str:
    """Where a case stands: evidence, notice, reply, decision, second, in_force, appeal, lifted, expired or quashed."""
    if entry.state not in OPEN:
        return _decided(entry, now)
    if not entry.complete:
        return "evidence"
    if entry.reply_until is None:
        return "notice"
    return "reply" if now <= entry.reply_until else ("second" if confirmations else "decision")


def _decided(entry: Entry, now: datetime) -> str:
    if entry.state != "confirmed":
        return entry.state
    if appeals(entry):
        return "appeal"
    today = day(now, entry.rule.timezone)
    return "in_force" if any(today < r.ends_before for r in entry.ranges) else "expired"


def last_day(entry: Entry, anchors: Mapping[str, date | None], now: datetime) -> date | None:
    """The last blocked day, as decided or as it would be if decided today; None while its start is not known.

    None too for a ban that was lifted on its first day.
    """
    if entry.state == "lifted" and not entry.ranges:
        return None
    try:
        given = entry.ranges or ranges(entry.rule.ban, anchors, day(now, entry.rule.timezone))
    except KeyError:
        return None
    return given[0].ends_before - DAY


def checks(entry: Entry, course: Mapping[str, Any], now: datetime) -> list[Check]:
    """Everything that must hold before a confirmation, each with what proves it; ``course`` holds the class's figures."""
    listed = [holds("evidence.listed", course)] if entry.cause == "no_show" else []
    proofs = [
        Check(e.present, f"evidence.{e.kind}.title", f"evidence.{e.kind}.{'is' if e.present else 'none'}", course)
        for e in entry.evidence
    ]
    return [*listed, *proofs, holds("evidence.no_reason"), _told(entry, now)]


def holds(title: str, details: Mapping[str, Any] | None = None) -> Check:
    """A line that is there because it holds."""
    return Check(ok=True, title=title, hint=f"{title}_is", details=details or {})


def _told(entry: Entry, now: datetime) -> Check:
    if entry.reply_until is None:
        return Check(None, "evidence.told", "evidence.told_not")
    over = True if entry.reply_until < now else None
    return Check(over, "evidence.told", "evidence.told_is", {"at": entry.notified_at, "until": entry.reply_until})


def steps(entry: Entry, facts: Sequence[Mapping[str, Any]], now: datetime) -> list[Step]:
    """Everything that happened to the place and the entry, and what comes next."""
    happened = [Step(f["occurred_at"], f["fact"], sign_of(f), f.get("withdrawn")) for f in facts]
    own = {"proposed": entry.proposed_at, "told": entry.notified_at, "replied": entry.replied_at,
           "confirmed": entry.confirmed_at, "appealed": entry.appealed_at, "upheld": entry.upheld_at,
           "lifted": entry.lifted_at, "quashed": entry.quashed_at}  # fmt: skip
    happened += [Step(at, what, "ok") for what, at in own.items() if at is not None]
    if appeals(entry) and entry.decide_by is not None:
        return [*sorted(happened, key=_when), Step(now, "waits", "now"), Step(entry.decide_by, "decide_by", "todo")]
    if entry.state not in OPEN:
        return sorted(happened, key=_when)
    if entry.reply_until is not None and entry.reply_until < now:
        happened.append(Step(entry.reply_until, "window", "ok"))
    ahead = [Step(entry.reply_until, "window", "todo")] if entry.reply_until and entry.reply_until >= now else []
    return [*sorted(happened, key=_when), Step(now, "waits", "now"), *ahead]


def may_decide(chosen: str, entry: Entry, given: Sequence[Confirmation], principal: str, now: datetime) -> None:
    """Refuse, before the last page, what the decision itself would refuse. Errors: Refused."""
    if chosen == "confirm":
        may_confirm(entry, given, principal, now)
    elif chosen == "uphold":
        uphold(entry, chosen, principal, now)
    elif chosen == "lift":
        lift(entry, chosen, principal, now)
    else:
        quash(entry, chosen, now)


def sign_of(fact: Mapping[str, Any]) -> str:
    """How a fact of the record is shown: late what is bad and still stands."""
    return "late" if fact["fact"] in BAD and not fact.get("withdrawn") else "ok"


def _when(step: Step) -> datetime:
    return step.at
