"""PostgreSQL and Kafka for a run: addresses in the environment win, else both are started here."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka, postgres
from deploy.local.processes import Registry
from deploy.local.say import say
from deploy.local.together import together


@dataclass(frozen=True)
class Servers:
    """`postgres` is a DSN that may create databases and roles (used for provisioning alone), `kafka` a `host:port`."""

    postgres: str
    kafka: str


def prepare() -> list[str]:
    """Downloads what the servers need, before any is started: Kafka's command, empty when the environment names a Kafka."""
    return [] if os.environ.get("SHIPEI_KAFKA") else kafka.command()


@asynccontextmanager
async def provide(folder: Path, command: list[str], *, durable: bool) -> AsyncIterator[Servers]:
    """The two servers, until the context ends; `command` as `prepare` gave it.

    `durable=False` trades the data's survival of a power cut for speed.
    """
    registry = Registry(folder)
    try:
        addresses = await together(_postgres(folder, registry, durable=durable), _kafka(folder, registry, command))
        yield Servers(*addresses)
    finally:
        await asyncio.gather(*(asyncio.to_thread(registry.end, name) for name in ("postgres", "kafka")))


async def _postgres(folder: Path, registry: Registry, *, durable: bool) -> str:
    if given := os.environ.get("SHIPEI_POSTGRES"):
        say("postgres_given")
        return given
    return await postgres.start(folder, registry, durable=durable)


async def _kafka(folder: Path, registry: Registry, command: list[str]) -> str:
    if given := os.environ.get("SHIPEI_KAFKA"):
        say("kafka_given", address=given)
        return given
    return await kafka.start(folder, registry, command)
