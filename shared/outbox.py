"""Events into the outbox, in the transaction of the state that they tell of. Nothing else publishes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import msgspec

from shared.context import Context
from shared.db import Connection, load_queries
from shared.envelope import MAX_VERSION, Envelope, fits
from shared.events import Event

Q = load_queries(__file__, "outbox.sql")
MAX_PAYLOAD: Final = 900_000  # bytes; Kafka refuses a batch above 1 MB, and a refusal poisons an idempotent producer


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and its number in its stream (from 1, without gap, taken under the aggregate's row lock)."""

    version: int
    event: Event


async def append(con: Connection, context: Context, entries: Sequence[Entry]) -> None:
    """Hand events to the relay when the transaction commits. One statement, whatever their number.

    The caller wakes the relay after the commit. Errors: ValueError for what the relay could not send or consumers would
    refuse (a payload above 900,000 bytes, a header that is not printable), so that the command fails and not they.
    """
    await append_each(con, [(context, e) for e in entries])


async def append_each(con: Connection, pairs: Sequence[tuple[Context, Entry]]) -> None:
    """As ``append``, where each event has a frame of its own: the effects of a batch of events."""
    if not pairs:
        return
    entries = [e for _, e in pairs]
    payloads = [msgspec.json.encode(e.event) for e in entries]
    headers = [_envelope(context, e).encode() for context, e in pairs]
    for entry, payload, texts in zip(entries, payloads, headers, strict=True):
        _check(entry, payload, texts)
    packed = [msgspec.json.encode(texts) for texts in headers]
    await con.execute(Q.append, [e.event.topic for e in entries], [e.event.stream for e in entries], packed, payloads)


def _check(entry: Entry, payload: bytes, headers: Mapping[str, str]) -> None:
    event = entry.event
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"{event.type} of {event.stream}: {len(payload)} bytes are too many")
    if not 1 <= entry.version <= MAX_VERSION:
        raise ValueError(f"{event.type} of {event.stream}: there is no version {entry.version}")
    if not all(map(fits, headers.values())):
        unfit = [name for name, text in headers.items() if not fits(text)]
        raise ValueError(f"{event.type}: {unfit} must be 1 to 250 printable characters")


def _envelope(context: Context, entry: Entry) -> Envelope:
    if context.now.tzinfo is None:
        raise ValueError("the business instant has no offset")
    return Envelope(
        id=str(uuid4()),
        type=entry.event.type,
        source=context.source,
        time=context.now,
        stream=entry.event.stream,
        streamversion=entry.version,
        actor=context.actor,
        correlationid=context.correlation_id,
        traceparent=context.traceparent,
        causationid=context.causation_id,
        policyversion=context.policy_version,
    )
