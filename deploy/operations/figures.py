"""What databases, topics and mailboxes hold, counted by somebody who uses nothing of the services."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from deploy.demo.ledger import Ledger
from deploy.local.databases import Dsns
from deploy.operations import history
from shared.client import client
from shared.db import load_queries

Q = load_queries(__file__, "figures.sql")
REGISTERED: Final = "training.trainee.registered.v1"
PLUMBING: Final = (
    "outbox",
    "consumer_offset",
    "stream_cursor",
    "parked",
    "put_aside",
    "idempotency",
    "business_clock",
    "migration",
)


@dataclass(frozen=True)
class Figures:
    """``registered`` by witness (enrolment, reporting, topics); the rest should be empty or 0."""

    registered: Mapping[str, frozenset[str]]
    unknown: Sequence[Mapping[str, Any]]
    behind: int
    waiting: Mapping[str, int]


async def take(dsns: Mapping[str, Dsns], kafka: str, prefix: str) -> Figures:
    """Look at everything once; at rest, the witnesses must agree."""
    records = await history.read(kafka, prefix)
    versions = await history.known({s: dsns[s].writer for s in history.PRODUCERS})
    return Figures(
        registered={
            "enrolment": await column(dsns["enrolment"], Q.registered),
            "reporting": await column(dsns["reporting"], Q.registered),
            "topics": frozenset(r["stream"] for r in records if r["head"]["ce_type"] == REGISTERED),
        },
        unknown=history.unknown(records, versions),
        behind=sum([await behind(d, records) for d in dsns.values()]),
        waiting={s: len(await column(d, Q.waiting)) for s, d in dsns.items()},
    )


async def doubled(sink: str) -> int:
    """How many messages the mailboxes and phones of the demonstration got more than once."""
    async with client(60) as http:
        messages = (await http.get(f"{sink}/sink/messages.json")).raise_for_status().json()["messages"]
    count = Counter(m["attempt_id"].partition(".")[0] for m in messages)
    return sum(n > 1 for n in count.values())


async def column(database: Dsns, query: str) -> frozenset[str]:
    """One column of text."""
    con = await asyncpg.connect(database.owner)
    try:
        return frozenset(r[0] for r in await con.fetch(query))
    finally:
        await con.close()


async def behind(database: Dsns, records: Iterable[Mapping[str, Any]]) -> int:
    """How many streams of the topics that a service reads have got further than its consumer."""
    con = await asyncpg.connect(database.owner)
    try:
        read = {r["topic"] for r in await con.fetch(Q.topics)}
        cursors = {r["stream"]: r["version"] for r in await con.fetch(Q.cursors)}
    finally:
        await con.close()
    newest: dict[str, int] = defaultdict(int)
    for r in records:
        if r["topic"] in read:
            newest[r["stream"]] = max(newest[r["stream"]], r["version"])
    return sum(version > cursors.get(stream, 0) for stream, version in newest.items())


async def digests(database: Dsns) -> dict[str, str]:
    """Rows and hash of each table of the domain, whatever the order of the rows."""
    con = await asyncpg.connect(database.owner)
    try:
        names = [r[0] for r in await con.fetch(Q.tables, PLUMBING)]
        return {name: await con.fetchval(Q.digest.replace("the_table", f'"{name}"')) for name in names}
    finally:
        await con.close()


def compare(ledger: Ledger, when: str, accepted: Iterable[str], figures: Figures) -> None:
    """What was accepted against what each witness has, and that nothing is left over."""
    said = frozenset(accepted)
    for witness, found in figures.registered.items():
        ledger.add(f"{when}: accepted commands that {witness} lacks", 0, len(said - found), witness)
        ledger.add(f"{when}: registrations in {witness}", len(said), len(found), witness)
    ledger.add(f"{when}: events that the databases do not know", 0, len(figures.unknown), "topics, producers")
    ledger.add(f"{when}: streams that a consumer has not read", 0, figures.behind, "topics, consumers")
    ledger.add(f"{when}: outbox and parked rows", dict.fromkeys(figures.waiting, 0), dict(figures.waiting), "databases")
