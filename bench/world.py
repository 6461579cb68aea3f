"""Databases and topics of one run of the benchmarks; all are dropped when it ends."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from deploy.local import databases, topics
from deploy.local.databases import Dsns

PARTITIONS = 4


@dataclass
class Where:
    """What a subscription asks of a service's settings."""

    kafka: str
    topic_prefix: str
    replica: str = "0"


@dataclass
class World:
    """The servers, and what was made there. ``admin`` may create databases and is used for nothing else."""

    admin: str
    kafka: str
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    names: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)

    async def database(self, service: str) -> Dsns:
        """An empty, migrated database of a service."""
        name = f"bench_{service}_{self.token}_{len(self.names)}"
        self.names.append(name)
        return await databases.create(self.admin, service, name, await databases.template(self.admin, service))

    async def topics(self) -> str:
        """A prefix under which all topics exist, with four partitions each."""
        prefix = f"bench-{self.token}-{len(self.prefixes)}."
        self.prefixes.append(prefix)
        await topics.create(self.kafka, prefix, PARTITIONS)
        return prefix

    async def clear(self) -> None:
        await databases.drop(self.admin, *self.names)
        for prefix in self.prefixes:
            await topics.delete(self.kafka, prefix)


@asynccontextmanager
async def make_world() -> AsyncIterator[World]:
    """The world of the servers that the environment names. Errors: KeyError without them (use ``make bench``)."""
    world = World(os.environ["SHIPEI_POSTGRES"], os.environ["SHIPEI_KAFKA"])
    await databases.ensure_roles(world.admin)
    try:
        yield world
    finally:
        await world.clear()


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection, closed at the end."""
    con = await asyncpg.connect(dsn)
    try:
        yield con
    finally:
        await con.close()
