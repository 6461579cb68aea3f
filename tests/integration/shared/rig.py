"""A consumer on real servers whose only effect is a ledger, a producer that misbehaves on request, and the judge."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec

from deploy.local.databases import Dsns
from shared.consumer import Consumer, Effect
from shared.db import Connection, Database
from shared.envelope import Envelope, Received
from shared.events.enrolment import TraineeRegistered
from shared.sender import Sender
from shared.subscriber import Subscription

TOPIC = TraineeRegistered.topic
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SERVICE = "reporting"
LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)
Deliveries = Iterable[tuple[str, int]]

LEDGER = """
create table ledger (seq bigserial primary key, stream text not null, version int not null, wrote text not null);
grant select, insert on ledger to reporting_writer;
grant usage on sequence ledger_seq_seq to reporting_writer;
"""


@dataclass(frozen=True)
class Verdict:
    """What an outsider sees wrong with a ledger, given what was sent."""

    lost: frozenset[tuple[str, int]]
    doubled: frozenset[tuple[str, int]]
    disordered: frozenset[str]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered)


def judge(ledger: Sequence[tuple[str, int]], sent: Deliveries) -> Verdict:
    """Compares by nothing but the rows themselves; the ledger has no unique constraint that could hide a fault."""
    by_stream: dict[str, list[int]] = defaultdict(list)
    for stream, version in ledger:
        by_stream[stream].append(version)
    rows = set(ledger)
    return Verdict(
        lost=frozenset(set(sent) - rows),
        doubled=frozenset(row for row in rows if ledger.count(row) > 1) if len(rows) < len(ledger) else frozenset(),
        disordered=frozenset(s for s, versions in by_stream.items() if versions != sorted(versions)),
    )


@dataclass
class Place:
    """A configuration of a member, as a service's settings would have it."""

    kafka: str
    topic_prefix: str
    replica: str = "0"


@dataclass
class Rig:
    dsns: Dsns
    place: Place
    db: Database
    sender: Sender
    poison: set[tuple[str, int]] = field(default_factory=set)
    _look: asyncio.Lock = field(default_factory=asyncio.Lock)
    _con: asyncpg.Connection | None = None

    async def send(self, deliveries: Deliveries) -> None:
        """Produce exactly these, in this order within a partition."""
        await self.sender.send([row(stream, version) for stream, version in deliveries])

    async def renew_sender(self) -> None:
        """After the topics were made anew a producer starts over too."""
        await self.sender.drop()
        self.sender = Sender(self.place.kafka, self.place.topic_prefix)
        await self.sender.start()

    async def send_raw(self, rows: Sequence[Mapping[str, Any]]) -> None:
        await self.sender.send(rows)

    async def write_ledger(self, con: Connection, received: Sequence[Received]) -> None:
        """The effect: a row per event. Refuses what stands in ``poison``."""
        for r in received:
            if (r.stream, r.version) in self.poison:
                raise ValueError(f"poison {r.stream}/{r.version}")
        await con.execute(
            "insert into ledger (stream, version, wrote) select *, $3 from unnest($1::text[], $2::int[])",
            [r.stream for r in received], [r.version for r in received], self.place.replica,
        )  # fmt: skip

    async def ledger(self) -> list[tuple[str, int]]:
        return [(r["stream"], r["version"]) for r in await self.rows("select stream, version from ledger order by seq")]

    async def parked(self) -> list[Any]:
        return await self.rows("select * from parked order by stream, version, id")

    async def rows(self, sql: str, *arguments: object) -> list[Any]:
        """A look over a connection of the rig's own, so that nothing of the consumer's pools is used; a lost one is replaced."""
        async with self._look:
            if self._con is None or self._con.is_closed():
                self._con = await asyncpg.connect(self.dsns.writer, statement_cache_size=0)
            try:
                return list(await self._con.fetch(sql, *arguments))
            except LOST:
                self._con.terminate()
                raise

    def close(self) -> None:
        if self._con is not None:
            self._con.terminate()

    async def count(self) -> int:
        return int((await self.rows("select count(*) from ledger"))[0][0])

    @asynccontextmanager
    async def reading(self, effect: Effect | None = None, **options: Any) -> AsyncIterator[Consumer]:
        async with self.subscribed(effect, **options) as subscription:
            yield subscription.consumer

    @asynccontextmanager
    async def subscribed(
        self, effect: Effect | None = None, *, reconcile_seconds: float = 30.0, max_records: int = 500, name: str = "reader",
        ready: bool = True, session_ms: int = 6_000, middlewares: Sequence[Any] = (),
    ) -> AsyncIterator[Subscription]:  # fmt: skip
        """A running member of the group; ready means that it stands where PostgreSQL says."""
        consumer = Consumer(name, [TOPIC], self.db, effect or self.write_ledger, reconcile_seconds=reconcile_seconds)
        subscription = Subscription(consumer, self.place, session_ms=session_ms, max_records=max_records)
        for middleware in middlewares:
            subscription.broker.add_middleware(middleware)
        async with subscription:
            if ready:
                await until(lambda: _true(consumer.ready))
            yield subscription


async def _true(value: bool) -> bool:
    return value


def row(stream: str, version: int, **changes: Any) -> dict[str, Any]:
    """An outbox row of an event; ``changes`` replace ``key``, ``payload`` or headers (``ce_…``)."""
    envelope = Envelope(f"{stream}/{version}", TraineeRegistered.type, "test", NOW, stream, version, "a", "c", "t")
    headers = envelope.encode() | {k: v for k, v in changes.items() if k.startswith("ce_")}
    event = TraineeRegistered(place_id=stream, person_id="p", registered_at=NOW)
    return {
        "topic": TOPIC,
        "key": changes.get("key", stream),
        "headers": msgspec.json.encode({k: v for k, v in headers.items() if v is not None}),
        "payload": changes.get("payload", msgspec.json.encode(event)),
    }


def each(streams: int, versions: int, first: int = 1) -> list[tuple[str, int]]:
    """Streams interleaved: every stream's first event, then every second one, …"""
    return [(f"s{n}", v) for v in range(first, first + versions) for n in range(streams)]


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Ask again and again; for states of other processes, which send no signal."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        await asyncio.sleep(0.05)


async def read_all(consumer: Consumer, seconds: float = 30.0) -> None:
    """Until the consumer has taken every record there is."""

    async def at_end() -> bool:
        return await consumer.behind() == 0

    await until(at_end, seconds)


@asynccontextmanager
async def rigged(dsns: Dsns, kafka: str, prefix: str) -> AsyncIterator[Rig]:
    """The ledger's table, pools and a producer."""
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute(LEDGER)
    await owner.close()
    sender = Sender(kafka, prefix)
    await sender.start()
    try:
        async with Database(dsns.writer, dsns.reader) as db:
            rig = Rig(dsns, Place(kafka, prefix), db, sender)
            try:
                yield rig
            finally:
                rig.close()
            sender = rig.sender
    finally:
        await sender.drop()
