"""The case of a ban entry: proposal, decision, appeal, and how it ended (L09, L10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.notify.facts.domain import EntryFact, Programme
from services.notify.planning.domain.case import EVERYONE, Anchor, Case
from services.notify.planning.domain.people import Units, contacts, units_above
from services.notify.planning.domain.rows import TOLD, Existing, Recipient
from shared.policy.moments import local_day

VERSIONS: Final = {"proposed": 1, "confirmed": 2, "upheld": 3, "lifted": 4, "quashed": 5}
REACHED: Final = TOLD | {"listed"}  # whom the call list names may have been phoned
APPEAL: Final = "appeal"


def entry_case(entry: EntryFact, units: Units, existing: Sequence[Existing], programme: Programme) -> Case:
    """A ban entry. Whoever was told of it is told of what follows; of its end nobody hears who had heard of nothing."""
    word, at = _stands(entry)
    version = VERSIONS[word]
    above = units_above({entry.unit_path: entry.proposed_at}, units, None)
    person = Recipient("person", entry.person_id, entry.proposed_at, entry.unit_path, None, entry.place_id)
    here = {("person", entry.person_id): person} | {("unit", u): r for u, r in above.items()}
    known = _told(existing, version)
    audiences = {**contacts(above, units), "person": (person,), "decider": _decider(above, units, programme),
                 "told_before": tuple(here[who] for who in sorted(known) if who in here)}  # fmt: skip
    return Case(
        kind="entry",
        id=entry.entry_id,
        version=version,
        anchors=_happened(word, at) | _appeal(entry, programme),
        moments={"reply_ends": entry.reply_until} if entry.reply_until else {},
        audiences=_only(known, audiences) if word == "quashed" else audiences,
        settled={"replied": frozenset({EVERYONE} if entry.replied_at else ()),
                 "decided": frozenset({EVERYONE} if VERSIONS[word] > VERSIONS["confirmed"] else ())},
        class_id=entry.class_id,
        entry_id=entry.entry_id,
        open=word == "proposed" or (word == "confirmed" and entry.appealed_at is not None),
    )  # fmt: skip


def _stands(entry: EntryFact) -> tuple[str, datetime]:
    """The last thing that was decided about it, and when."""
    turns = {"quashed": entry.quashed_at, "lifted": entry.lifted_at, "upheld": entry.upheld_at,
             "confirmed": entry.confirmed_at}  # fmt: skip
    return next(((word, at) for word, at in turns.items() if at is not None), ("proposed", entry.proposed_at))


def _happened(word: str, at: datetime) -> dict[str, Anchor]:
    variant = None if word == "proposed" else word
    event = "ban_proposed" if variant is None else "ban_decided"
    return {f"event:{event}": Anchor(at=at, since=at, template=word, version=VERSIONS[word], variant=variant)}


def _appeal(entry: EntryFact, programme: Programme) -> dict[str, Anchor]:
    """An appeal's due day, until it is decided and after."""
    if entry.appealed_at is None or entry.decide_by is None:
        return {}
    due = local_day(entry.decide_by, programme.policy.calendar)
    return {"moment:appeal_due": Anchor(at=due, since=entry.appealed_at, template=APPEAL,
                                        version=VERSIONS["confirmed"], announced=due)}  # fmt: skip


def _decider(above: Mapping[str, Recipient], units: Units, programme: Programme) -> tuple[Recipient, ...]:
    rule = programme.policy.ban
    code = rule.appeal.decided_by if rule and rule.appeal else None
    return tuple(r for u, r in above.items() if units[u].code == code)


def _told(existing: Sequence[Existing], version: int) -> set[tuple[str, str]]:
    earlier = [e for e in existing if e.version < version and not e.template.startswith(APPEAL)]
    return {(e.recipient_kind, e.recipient_id) for e in earlier if e.state in REACHED}


def _only(
    known: Collection[tuple[str, str]], audiences: Mapping[str, tuple[Recipient, ...]]
) -> dict[str, tuple[Recipient, ...]]:
    return {word: tuple(r for r in those if (r.kind, r.id) in known) for word, those in audiences.items()}
