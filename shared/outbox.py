"""Events into the outbox, in the transaction of the state that they tell of. Nothing else publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import msgspec

from shared.context import Context
from shared.db import Connection, load_queries
from shared.envelope import Envelope
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

    The caller wakes the relay after the commit. Errors: ValueError for a payload above 900,000 bytes, so the command fails
    and not the relay.
    """
    await append_each(con, [(context, e) for e in entries])


async def append_each(con: Connection, pairs: Sequence[tuple[Context, Entry]]) -> None:
    """As ``append``, where each event has a frame of its own: the effects of a batch of events."""
    if not pairs:
        return
    entries = [e for _, e in pairs]
    payloads = [msgspec.json.encode(e.event) for e in entries]
    for entry, payload in zip(entries, payloads, strict=True):
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(f"{entry.event.type} of {entry.event.stream}: {len(payload)} bytes are too many")
    headers = [msgspec.json.encode(_envelope(context, e).encode()) for context, e in pairs]
    await con.execute(Q.append, [e.event.topic for e in entries], [e.event.stream for e in entries], headers, payloads)


def _envelope(context: Context, entry: Entry) -> Envelope:
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
