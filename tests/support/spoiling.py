"""The finished story on ground that can be spoilt and is then as it was, so that each spoil meets an unspoilt story."""

import dataclasses
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.demo import stranger
from deploy.demo.ledger import Sources
from deploy.demo.spoils import NOTES, SPOILS
from deploy.local import topics
from shared.client import client
from tests.support.played import Played

FIGURES = ("cell", "place", "document", "inspection")
REPEATED = ("messages.twice", "messages.void_date")
UNDONE = {
    *NOTES,
    *REPEATED,
    *(name for name in SPOILS if name.startswith(("league.", "rate.", "events."))),
    "inspection.score",
    "zhengzhou.county",
    "zhengzhou.institution",
    "kaifeng.figures",
}
# One fact may stand behind several checks of a part.
BESIDE = {
    "league.quota": {"league.total", "rate.registration-completion"},
    "league.selected": {
        *(f"league.{count}" for count in ("total", "registered", "expected", "checked_in", "completed")),
        *("rate.registration-completion", "rate.checkin"),
    },
    "league.registered": {"league.total", "rate.registration-completion"},
    "rate.registration-completion": {"league.total", "league.registered"},
    "league.expected": {"league.total", "rate.checkin"},
    "league.checked_in": {"league.total", "rate.checkin"},
    "rate.checkin": {"league.total", "league.checked_in"},
    "league.completed": {"league.total"},
    "bulletin.frozen": {"bulletin.reasons", "bulletin.sealed"},
    "zhengzhou.county": {"zhengzhou.institution"},
    "messages.twice": {"messages.sms"},
    "messages.void_date": {"messages.sms", "messages.twice"},
}


@asynccontextmanager
async def ground(played: Played, check: str) -> AsyncIterator[Sources]:
    """Where to break a check: reporting's figures and the number of SMS are put back in the end, topics that are written to are a copy.

    Many checks are made of these. What else is spoilt stays so, and may be the fact behind one check only.
    """
    sources = played.sources
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(kept(played.stack.dsns["reporting"].owner, FIGURES))
        if check.startswith("events."):
            prefix = await stack.enter_async_context(copied(sources.kafka, sources.topic_prefix))
            sources = dataclasses.replace(sources, topic_prefix=prefix)
        yield sources
    if check in REPEATED:
        async with client(60) as http:
            (await http.post(f"{sources.sink}/forget", json={"channel": "sms"})).raise_for_status()


@asynccontextmanager
async def kept(owner: str, tables: Sequence[str]) -> AsyncIterator[None]:
    """The rows of some tables, put back in the end."""
    con = await asyncpg.connect(owner)
    try:
        for table in tables:
            await con.execute(f'create temp table "kept_{table}" as table public."{table}"')
        yield
        async with con.transaction():
            for table in tables:
                await con.execute(f'delete from public."{table}"')
                await con.execute(f'insert into public."{table}" table "kept_{table}"')
    finally:
        await con.close()


@asynccontextmanager
async def copied(kafka: str, prefix: str) -> AsyncIterator[str]:
    """All records of the topics once more under another prefix: the same partitions, keys, headers and bodies."""
    other = f"c{secrets.token_hex(4)}."
    await topics.create(kafka, other)
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for record in await stranger.read(kafka, prefix):
            topic = other + record.topic.removeprefix(prefix)
            await producer.send(
                topic, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
            )
        await producer.flush()
    yield other
    await topics.delete(kafka, other)
