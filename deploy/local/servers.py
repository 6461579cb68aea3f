"""PostgreSQL and Kafka for a run: addresses in the environment win, else both are started here (or in containers, on request)."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from aiokafka.errors import KafkaError

from deploy.local import kafka, postgres
from deploy.local.host import Host
from deploy.local.say import Trouble, say
from deploy.local.together import together

# What a conversation with a server can end in: our own sentence, the system's, the two servers' (and of a lost connection).
REFUSALS = (Trouble, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)


@dataclass(frozen=True)
class Servers:
    """`postgres` is a DSN that may create databases and roles (used for provisioning alone), `kafka` a `host:port`."""

    postgres: str
    kafka: str
    host: Host

    async def one_failed(self) -> Trouble:
        """Returns when a server that was started here has ended by itself."""
        return await self.host.one_failed()


def prepare() -> list[str]:
    """Downloads what the servers need, before any is started: Kafka's command, empty when no Kafka is started as a process."""
    if in_containers():
        from deploy.local import containers

        containers.prepare(*(name for name in ("postgres", "kafka") if not given(name)))
    return [] if given("kafka") or in_containers() else kafka.command()


def in_containers() -> bool:
    """Whether the environment asks for containers. Raises Trouble when it asks for what there is not."""
    wanted = os.environ.get("SHIPEI_SERVERS", "")
    if wanted not in {"", "containers"}:
        raise Trouble("servers_unknown", value=wanted)
    return bool(wanted)


def given(name: str) -> str | None:
    """The address of a server that the environment names."""
    return os.environ.get(f"SHIPEI_{name.upper()}")


@asynccontextmanager
async def provide(folder: Path, command: list[str], *, durable: bool) -> AsyncIterator[Servers]:
    """The two servers, until the context ends; `command` as `prepare` gave it.

    `durable=False`: for tests and demos, data are made anew and would not survive a power cut, which makes it faster.
    """
    if durable and in_containers():
        raise Trouble("containers_forget")
    host = Host(folder)
    if not durable:
        await asyncio.to_thread(forget, folder)
    try:
        async with cleared(folder):
            dsn, address = await together(_postgres(host, durable=durable), _kafka(host, command))
            yield Servers(dsn, address, host)
    except REFUSALS as error:
        if cause := host.cause(error):
            raise cause from error
        raise
    finally:
        await host.close()
        if not durable:
            await asyncio.to_thread(forget, folder)


def forget(folder: Path) -> None:
    """Removes the data of the run folder's servers, which must not be running."""
    postgres.forget(folder)
    shutil.rmtree(folder / "kafka", ignore_errors=True)


@asynccontextmanager
async def cleared(folder: Path) -> AsyncIterator[None]:
    """Before and after it no container of the run folder is left."""
    if not in_containers():
        yield
        return
    from deploy.local import containers

    await asyncio.to_thread(containers.remove, folder)
    try:
        yield
    finally:
        await asyncio.to_thread(containers.remove, folder)


async def _postgres(host: Host, *, durable: bool) -> str:
    if address := given("postgres"):
        say("postgres_given")
        return address
    if in_containers():
        from deploy.local import containers

        return await containers.start_postgres(host.folder)
    return await postgres.start(host, durable=durable)


async def _kafka(host: Host, command: list[str]) -> str:
    if address := given("kafka"):
        say("kafka_given", address=address)
        return address
    if in_containers():
        from deploy.local import containers

        return await containers.start_kafka(host.folder)
    return await kafka.start(host, command)
