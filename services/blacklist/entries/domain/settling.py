"""From what is known to what follows: proposal, evidence, notice of the proposal, withdrawal.

``settle`` is a function of the facts alone, so it does not matter in which order the streams told them or how often.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from services.blacklist.entries.domain.calendar import last_second
from services.blacklist.entries.domain.case import Case, Entry, Notice, entry_id
from shared.events.blacklist import (
    BanAppealed,
    BanConfirmed,
    BanEvent,
    BanEvidenced,
    BanLifted,
    BanNotified,
    BanOverridden,
    BanProposed,
    BanQuashed,
    BanReplied,
    BanUpheld,
    Evidence,
)
from shared.policy.bans import BanCause

OPEN: Final = frozenset({"proposed", "notified"})
Change = Callable[[Entry, Any], dict[str, Any]]


def settle(case: Case, now: datetime) -> list[BanEvent]:
    """The events that bring the entry of a case up to what is known; none when it already is.

    Nothing is proposed for a place that was never expected, was replaced, whose class was cancelled or whose dropout
    was undone (L13); an entry that exists is quashed by the same facts. A confirmed entry whose evidence is not complete
    was learnt from its own events after its database had been put back; it takes up its evidence again.
    """
    void = _void(case)
    if case.entry is None:
        proposed = None if void else propose(case)
        return [proposed, *_follow(case, open_entry(case, proposed))] if proposed else []
    if case.entry.state == "quashed":
        return []
    if void:
        return [BanQuashed(entry_id=case.entry.entry_id, person_id=case.entry.person_id, quashed_at=now, reason=void)]
    return _follow(case, case.entry) if case.entry.state in OPEN or not case.entry.complete else []


def propose(case: Case) -> BanProposed | None:
    """The proposal that a dropout leads to under its programme's rule, or None (L02, L03, L04).

    It bears the date of the dropout, whichever fact came last, so that the same facts read again give the same entry.
    """
    cause, dropout = _cause(case), case.dropout
    if case.rule is None or cause is None or dropout.cohort_kind not in case.rule.ban.cohort_kinds:
        return None
    if cause.forms and set(cause.forms).isdisjoint(dropout.forms):
        return None
    if not _raised(case, cause) or (dropout.cause == "no_show" and not case.expected):
        return None
    evidence = weigh(case, cause)
    return BanProposed(
        entry_id=entry_id(dropout.place_id, dropout.cause),
        person_id=dropout.person_id,
        place_id=dropout.place_id,
        class_id=dropout.class_id,
        cause=dropout.cause,
        policy_key=dropout.policy_key,
        rule_key=case.rule.ban.key,
        rule_version=case.rule.ban.version,
        unit_id=dropout.unit_id,
        unit_path=dropout.unit_path,
        proposed_at=dropout.occurred_at,
        evidence=evidence,
        complete=all(e.present for e in evidence),
    )


def _raised(case: Case, cause: BanCause) -> bool:
    """Whether the class has told what raises the cause; which topic is read first must not show in the entry's stream."""
    if cause.raised_at == "dismissal":
        return True
    course = case.course
    told = course and (course.closed_event if cause.raised_at == "checkin_closed" else course.ended_event)
    return told is not None


def open_entry(case: Case, event: BanProposed) -> Entry:
    """The entry that a proposal opens, with the rule that made it."""
    if case.rule is None:
        raise ValueError("a proposal needs its rule")
    return Entry(
        entry_id=event.entry_id,
        place_id=event.place_id,
        cause=event.cause,
        person_id=event.person_id,
        class_id=event.class_id,
        policy_key=event.policy_key,
        unit_id=event.unit_id,
        unit_path=event.unit_path,
        institution_path=case.dropout.institution_path,
        rule=case.rule,
        proposed_at=event.proposed_at,
        evidence=tuple(event.evidence),
        complete=event.complete,
        version=1,
    )


def evolve(entry: Entry, event: BanEvent, version: int) -> Entry:
    """The entry after an event. An event that it already shows changes nothing but the version (never downward)."""
    happened = _CHANGES.get(type(event))
    change = happened(entry, event) if happened else {}
    return msgspec.structs.replace(entry, version=max(version, entry.version), **change)


def _notified(entry: Entry, e: BanNotified) -> dict[str, Any]:
    if entry.notified_at is not None:
        return {}
    state = "notified" if entry.state == "proposed" else entry.state
    return {"state": state, "notified_at": e.notified_at, "reply_until": e.reply_until}


def _confirmed(entry: Entry, e: BanConfirmed) -> dict[str, Any]:
    if entry.state not in OPEN:
        return {}
    return {"state": "confirmed", "confirmed_at": e.confirmed_at, "decided_by": tuple(e.decided_by),
            "ranges": tuple(e.ranges)}  # fmt: skip


def _overridden(entry: Entry, e: BanOverridden) -> dict[str, Any]:
    return {} if e.policy_key in entry.overridden else {"overridden": (*entry.overridden, e.policy_key)}


def _once(fact: str, change: Callable[[Any], dict[str, Any]]) -> Change:
    return lambda entry, e: {} if getattr(entry, fact) is not None else change(e)


_CHANGES: Final[Mapping[type[BanEvent], Change]] = {
    BanEvidenced: lambda _, e: {"evidence": tuple(e.evidence), "complete": e.complete},
    BanNotified: _notified,
    BanReplied: _once("replied_at", lambda e: {"replied_at": e.replied_at}),
    BanConfirmed: _confirmed,
    BanAppealed: _once("appealed_at", lambda e: {"appealed_at": e.appealed_at, "decide_by": e.decide_by}),
    BanUpheld: _once("upheld_at", lambda e: {"upheld_at": e.upheld_at}),
    BanLifted: lambda entry, e: (
        {"state": "lifted", "lifted_at": e.lifted_at, "ranges": tuple(e.ranges)} if entry.state == "confirmed" else {}
    ),
    BanOverridden: _overridden,
    BanQuashed: _once(
        "quashed_at", lambda e: {"state": "quashed", "quashed_at": e.quashed_at, "quash_reason": e.reason}
    ),
}


def learn(entry: Entry, event: BanEvent, version: int) -> Entry:
    """The entry after one of its own events came back from the topic; the same entry when it knew that already.

    Only an entry of a database that was put back to an older copy learns anything: what persons decided. Its numbers
    may have run differently since, so content decides and not the version; evidence is weighed anew, never learnt.
    """
    learnt = entry if isinstance(event, BanEvidenced) else evolve(entry, event, entry.version)
    newest = max(entry.version, version)
    return learnt if newest == entry.version else msgspec.structs.replace(learnt, version=newest)


def weigh(case: Case, cause: BanCause) -> list[Evidence]:
    """The evidence that the rule asks for, each present or missing, with the event that proves it."""
    references = _references(case)
    return [Evidence(kind, references[kind] is not None, references[kind]) for kind in cause.evidence]


def _references(case: Case) -> Mapping[str, str | None]:
    course = case.course
    return {
        "notice_delivered": _proof(case),
        "class_held_as_announced": course.closed_event if course and course.held and not course.cancelled else None,
        "institution_statement": case.dropout.event_id if case.dropout.stated else None,
        "closing_record": course.ended_event if course else None,
    }


def _proof(case: Case) -> str | None:
    """The delivered notice that proves the person knew: one that keeps proof, and word of the date that held."""
    final = case.course.date_version if case.course else 0
    in_time = [n for n in case.notices if n.entry_id is None and n.delivered_at <= case.dropout.occurred_at]
    proofs = sorted((n for n in in_time if n.proof), key=_recent)
    knew = any(n.date_version >= final and n.about_class == case.dropout.class_id for n in in_time)
    return proofs[-1].event_id if proofs and knew else None


def _recent(notice: Notice) -> tuple[datetime, str]:
    return notice.delivered_at, notice.event_id


def _cause(case: Case) -> BanCause | None:
    causes: Sequence[BanCause] = case.rule.ban.causes if case.rule else ()
    return next((c for c in causes if c.key == case.dropout.cause), None)


def _void(case: Case) -> str | None:
    """Why nothing may rest on this dropout, or None."""
    if case.replaced:
        return "replaced"
    if case.course is not None and case.course.cancelled:
        return "class_cancelled"
    cause = _cause(case)
    excused = case.dropout.withdrawn == "reason_accepted" and cause is not None and not cause.excusable
    undone = case.rule is None or case.dropout.withdrawn in case.rule.ban.undo_on
    return case.dropout.withdrawn if undone and not excused else None


def _follow(case: Case, entry: Entry) -> list[BanEvent]:
    """What an entry still owes to the facts: newer evidence, and that the person was told."""
    told = _told(case, entry)
    return [*_evidenced(case, entry), *([told] if told else [])]


def _evidenced(case: Case, entry: Entry) -> list[BanEvent]:
    cause = _cause(case)
    evidence = weigh(case, cause) if cause else list(entry.evidence)
    if tuple(evidence) == entry.evidence:
        return []
    complete = all(e.present for e in evidence)
    return [BanEvidenced(entry_id=entry.entry_id, person_id=entry.person_id, evidence=evidence, complete=complete)]


def _told(case: Case, entry: Entry) -> BanNotified | None:
    tells = [n for n in case.notices if n.entry_id == entry.entry_id and n.kind in entry.rule.notices]
    if entry.notified_at is not None or not tells:
        return None
    first = min(tells, key=_recent).delivered_at
    until = last_second(first, entry.rule.ban.reply_window, entry.rule.timezone)
    return BanNotified(entry_id=entry.entry_id, person_id=entry.person_id, notified_at=first, reply_until=until)
