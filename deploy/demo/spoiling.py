"""The means to spoil a fact where it stands: a service's own tables (as its writer), Kafka, the story's own notes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition

from deploy.demo import stranger
from deploy.demo.ledger import Sources
from deploy.demo.stage import PROJECT, YEAR, Stage

Spoil = Callable[[Stage, Sources], Awaitable[None]]


async def run(dsn: str, statement: str) -> None:
    """One statement. Errors: ValueError when it changes nothing, for then nothing would be shown."""
    con = await asyncpg.connect(dsn)
    try:
        done = await con.execute(statement)
    finally:
        await con.close()
    if done.endswith(" 0"):
        raise ValueError(f"nothing was there to spoil: {statement}")


def sql(service: str, statement: str) -> Spoil:
    """Spoil rows of a service's database."""

    async def spoil(_: Stage, sources: Sources) -> None:
        await run(sources.databases[service], statement)

    return spoil


def fact(change: str, where: str, which: str = "min", *, year: str = YEAR, project: str = PROJECT) -> Spoil:
    """Spoil one place of a year's project in reporting: the first that fits, or the last."""
    one = f"select {which}(place_id) from place where policy_key = '{year}' and project = '{project}' and {where}"
    return sql("reporting", f"update place set {change} where place_id = ({one})")


def note(name: str, said: Any) -> Spoil:
    """Spoil what the story noted of an answer that is given once, or of what nobody can change."""

    async def spoil(stage: Stage, _: Sources) -> None:
        stage.found[name] = said

    return spoil


def record(
    change: Callable[[Stage, dict[str, str], dict[str, Any]], None], *, year: str = YEAR, elsewhere: bool = False
) -> Spoil:
    """Add one more record after each quota stream of a year: ``change`` makes headers and body wrong."""

    async def spoil(stage: Stage, sources: Sources) -> None:
        records = []
        for model in await _last_of_each_cell(sources, year):
            head, body = stranger.headers(model), json.loads(model.value)
            head["ce_id"] = str(uuid4())
            head["ce_streamversion"] = str(int(head["ce_streamversion"]) + 1)
            change(stage, head, body)
            partition = 1 - model.partition if elsewhere else model.partition
            records.append((TopicPartition(model.topic, partition), head, body))
        await _append(sources, records)

    return spoil


async def _last_of_each_cell(sources: Sources, year: str) -> list[Any]:
    """The newest record of each quota cell of a year."""
    found = [r for r in await stranger.read(sources.kafka, sources.topic_prefix) if _is_quota(r, year)]
    ordered = sorted(found, key=lambda r: int(stranger.headers(r)["ce_streamversion"]))
    return list({r.key: r for r in ordered}.values())


def _is_quota(found: Any, year: str) -> bool:
    is_cell = stranger.headers(found)["ce_type"] == "training.quota.allocated.v1"
    return is_cell and json.loads(found.value)["policy_key"] == year


async def _append(sources: Sources, records: list[tuple[TopicPartition, dict[str, str], dict[str, Any]]]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=sources.kafka) as producer:
        for home, head, body in records:
            headers = [(k, v.encode()) for k, v in head.items()]
            key, value = head["ce_stream"].encode(), json.dumps(body).encode()
            await producer.send(home.topic, value, key=key, partition=home.partition, headers=headers)
        await producer.flush()
