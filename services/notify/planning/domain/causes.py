"""After which event something is planned, so that a mail can be followed to the command that led to it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct

from shared.envelope import Envelope, Received

NAMES: Final = ("class_id", "place_id", "cell_id", "document_id", "nomination_id", "programme_id")


class Cause(Struct, frozen=True):
    """An event's id, correlation and trace, by the ledger's column names."""

    cause_id: str
    correlation_id: str
    traceparent: str


def causes(subjects: Collection[tuple[str, str]], received: Sequence[Received]) -> Mapping[tuple[str, str], Cause]:
    """For each subject the last event of a batch that names it.

    A subject that none names (it was found by a look-up) has a cause where the whole batch is of one command: rather no cause
    than a wrong one.
    """
    named: dict[str, Cause] = {}
    for r in received:
        keys = [r.envelope.stream, *[getattr(r.event, name, None) for name in NAMES]]
        named |= {key: _cause(r.envelope) for key in keys if key}
    commands = {r.envelope.correlationid for r in received}
    common = _cause(received[-1].envelope) if len(commands) == 1 else None
    found = {subject: named.get(subject[1], common) for subject in subjects}
    return {subject: cause for subject, cause in found.items() if cause}


def _cause(envelope: Envelope) -> Cause:
    return Cause(envelope.id, envelope.correlationid, envelope.traceparent)
