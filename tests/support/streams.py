"""Streams of events as a consumer gets them, for tests that feed an effect without a broker."""

import random as randomness
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from deploy.local.stack import Stack
from shared.db import Connection, Database
from shared.envelope import Envelope, Received
from shared.events import Event

TEST = UUID("0f5c2f1e-1c11-4a52-9b42-0d3a6f1f4a10")
TRACE = "0" * 31 + "1"
Effect = Callable[[Connection, Sequence[Received]], Awaitable[None]]


class Streams:
    """Collects events; each stream is numbered from 1 without a gap."""

    def __init__(self, policy_version: str | None = None) -> None:
        self._versions: dict[str, int] = defaultdict(int)
        self._policy_version = policy_version
        self.received: list[Received] = []

    def add(self, event: Event, now: datetime, trace: str = TRACE) -> Received:
        """One more event of its stream; its id is the same in every run. ``trace`` is that of its command."""
        self._versions[event.stream] += 1
        version = self._versions[event.stream]
        envelope = Envelope(
            id=str(uuid5(TEST, f"{event.stream}/{version}/{event.type}")),
            type=event.type,
            source="test",
            time=now,
            stream=event.stream,
            streamversion=version,
            actor="test",
            correlationid=trace,
            traceparent=f"00-{trace}-{'0' * 15}1-01",
            policyversion=self._policy_version,
        )
        received = Received(envelope, event, event.topic, 0, len(self.received))
        self.received.append(received)
        return received

    def shuffled(self, random: randomness.Random, repeats: int = 0) -> list[Received]:
        """The events in another order between streams, the same inside each; ``repeats`` come again later."""
        waiting: dict[str, list[Received]] = defaultdict(list)
        for r in self.received:
            waiting[r.stream].append(r)
        order = [r.stream for r in self.received]
        random.shuffle(order)
        mixed = [waiting[stream].pop(0) for stream in order]
        for _ in range(repeats):
            index = random.randrange(len(mixed))
            mixed.insert(random.randint(index + 1, len(mixed)), mixed[index])
        return mixed


def batches(received: Sequence[Received], random: randomness.Random, most: int = 40) -> Iterator[Sequence[Received]]:
    """Cuts events into batches of random size."""
    at = 0
    while at < len(received):
        size = random.randint(1, most)
        yield received[at : at + size]
        at += size


async def feed(
    db: Database, effect: Effect, parts: Iterator[Sequence[Received]] | Sequence[Sequence[Received]]
) -> None:
    """Apply each batch in a transaction of its own."""
    for part in parts:
        async with db.background() as con:
            await effect(con, part)


async def feed_running(stack: Stack, service: str, effect: Effect, received: Sequence[Received]) -> None:
    """Apply events to the database of a running service, past its broker."""
    dsns = stack.dsns[service]
    async with Database(dsns.writer, dsns.reader) as db:
        await feed(db, effect, [received])
