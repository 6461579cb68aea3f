"""What the ledger page says: each reminder with its recipients counted by outcome, and the rows that need a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

from msgspec import Struct

Outcome = Literal["delivered", "handed", "failed", "doubt", "unsent", "planned"]
OUTCOME: Final[Mapping[str, Outcome]] = {
    "delivered": "delivered",
    "accepted": "handed",
    "in_doubt": "doubt",
    "sending": "doubt",
    "planned": "planned",
    "failed": "failed",
    "unreachable": "failed",
    "too_late": "unsent",
    "withdrawn": "unsent",
    "not_needed": "unsent",
    "merged": "unsent",
}
BEST: Final = ("delivered", "accepted", "in_doubt", "sending", "planned", "failed", "unreachable", "too_late", "merged",
               "not_needed", "withdrawn")  # fmt: skip
WORRYING: Final = frozenset({"failed", "unreachable", "in_doubt"})
CALL: Final = "call_list"


class Line(Struct, frozen=True):
    """A row of the ledger."""

    message_id: str
    subject_kind: str
    subject_id: str
    recipient_kind: str
    recipient_id: str
    kind: str
    occurrence: str
    version: int
    channel: str
    policy_key: str
    announced: date | None
    previous: date | None
    due_at: datetime
    state: str
    reason: str | None
    settled_at: datetime | None
    attempt_id: str | None

    @property
    def recipient(self) -> tuple[str, str]:
        """Who it is for."""
        return self.recipient_kind, self.recipient_id


class Reminder(Struct, frozen=True):
    """One reminder (kind, occurrence, date version) with its recipients counted by their best outcome on any channel."""

    kind: str
    occurrence: str
    version: int
    policy_key: str
    old: bool
    at: datetime
    announced: date | None
    previous: date | None
    total: int
    counts: Mapping[str, int]
    reasons: Sequence[tuple[str, int]]


class Worry(Struct, frozen=True):
    """One recipient of one reminder whom a person has to look after, with all that was tried."""

    recipient_kind: str
    recipient_id: str
    kind: str
    occurrence: str
    policy_key: str
    outcome: Literal["call", "doubt"]
    lines: Sequence[Line]


def best(lines: Sequence[Line]) -> Line:
    """The line of the best outcome among the channels."""
    return min(lines, key=lambda line: (BEST.index(line.state), line.channel))


def _by_recipient(lines: Sequence[Line]) -> dict[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault(line.recipient, []).append(line)
    return found


def _by_reminder(lines: Sequence[Line]) -> dict[tuple[str, str, int], list[Line]]:
    found: dict[tuple[str, str, int], list[Line]] = {}
    for line in lines:
        found.setdefault((line.kind, line.occurrence, line.version), []).append(line)
    return found


def reminders(lines: Sequence[Line]) -> list[Reminder]:
    """Each reminder once, in the order of time; the call list is no message and is not counted."""
    sent = [line for line in lines if line.channel != CALL]
    newest = {line.subject_id: max(x.version for x in sent if x.subject_id == line.subject_id) for line in sent}
    return sorted((_reminder(part, newest) for part in _by_reminder(sent).values()), key=lambda r: (r.at, r.kind))


def _reminder(lines: Sequence[Line], newest: Mapping[str, int]) -> Reminder:
    chosen = [best(part) for part in _by_recipient(lines).values()]
    first = lines[0]
    said = Counter(
        line.reason for line in chosen if line.reason and OUTCOME[line.state] in {"unsent", "failed", "doubt"}
    )
    return Reminder(
        kind=first.kind,
        occurrence=first.occurrence,
        version=first.version,
        policy_key=first.policy_key,
        old=first.subject_kind == "class" and first.version < newest[first.subject_id],
        at=min(line.due_at for line in lines),
        announced=first.announced,
        previous=first.previous,
        total=len(chosen),
        counts=Counter(OUTCOME[line.state] for line in chosen),
        reasons=said.most_common(3),
    )


def worries(lines: Sequence[Line]) -> list[Worry]:
    """Doubts, and people whom nothing reached: failed everywhere, or on the call list."""
    found = []
    for (kind, occurrence, _), part in _by_reminder(lines).items():
        for (recipient_kind, recipient_id), own in _by_recipient(part).items():
            outcome = _worry(own)
            if outcome:
                tried = [line for line in own if line.channel != CALL]
                found.append(Worry(recipient_kind, recipient_id, kind, occurrence, own[0].policy_key, outcome, tried))
    return sorted(found, key=lambda w: (w.recipient_id, w.kind, w.occurrence))


def _worry(lines: Sequence[Line]) -> Literal["call", "doubt"] | None:
    sent = [line for line in lines if line.channel != CALL]
    if any(line.state == "in_doubt" for line in sent):
        return "doubt"
    if any(line.state == "delivered" for line in sent):
        return None
    listed = any(line.state == "listed" for line in lines)
    return "call" if listed or (sent and best(sent).state in WORRYING) else None


def totals(found: Sequence[Reminder]) -> dict[str, int]:
    """Recipients by outcome over all reminders; ``owed`` is their sum."""
    summed: dict[str, int] = {key: sum(r.counts.get(key, 0) for r in found) for key in OUTCOME.values()}
    return summed | {"owed": sum(r.total for r in found)}


def step(occurrence: str) -> tuple[str, int]:
    """How an occurrence is said: ``before``, ``after`` with its number, ``today``, ``part`` with its number, or a word of its own."""
    word, _, distance = occurrence.partition("-")
    if word in {"before", "after"} and distance[:-1].isdigit():
        number = int(distance[:-1])
        return (word if number else "today"), number
    return (word, int(distance)) if word == "part" else (occurrence, 0)
