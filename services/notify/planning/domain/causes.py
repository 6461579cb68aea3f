"""After which event something is planned, so that a mail can be followed to the command that led to it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct

from shared.envelope import Envelope, Received

NAMES: Final = ("class_id", "place_id", "cell_id", "document_id", "programme_id")
OWN: Final = "nomination_id"  # a nomination's own events stand in its pool's stream


class Cause(Struct, frozen=True):
    """An event's id, correlation and trace, by the ledger's column names."""

    cause_id: str
    correlation_id: str
    traceparent: str


def causes(subjects: Collection[tuple[str, str]], received: Sequence[Received]) -> Mapping[tuple[str, str], Cause]:
    """For each subject the last event of its own in a batch, else the last that mentions it, else (by a look-up) of the batch.

    Where what only mentions it is of several commands it has none: rather no cause than a wrong one.
    """
    own: dict[str, Cause] = {}
    mentions: dict[str, list[Envelope]] = {}
    for r in received:
        own |= {key: _cause(r.envelope) for key in (r.envelope.stream, getattr(r.event, OWN, None)) if key}
        for key in filter(None, [getattr(r.event, name, None) for name in NAMES]):
            mentions.setdefault(key, []).append(r.envelope)
    batch = [r.envelope for r in received]
    found = {subject: own.get(subject[1]) or _common(mentions.get(subject[1], batch)) for subject in subjects}
    return {subject: cause for subject, cause in found.items() if cause}


def _common(envelopes: Sequence[Envelope]) -> Cause | None:
    return _cause(envelopes[-1]) if len({e.correlationid for e in envelopes}) == 1 else None


def _cause(envelope: Envelope) -> Cause:
    return Cause(envelope.id, envelope.correlationid, envelope.traceparent)
