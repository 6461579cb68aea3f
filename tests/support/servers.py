"""The real servers of a test run: addresses in the environment win, else both are started for the session and stopped after it."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from deploy.local import databases, topics
from deploy.local.paths import run_folder
from deploy.local.processes import Registry
from deploy.local.servers import Servers, provide


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """`.postgres` may create databases: for provisioning alone, no test connects with it. `.kafka` is `host:port`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    folder = run_folder("test")
    Registry(folder).stop_orphans()
    context = provide(folder, durable=False)
    try:
        provided = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
        asyncio.run_coroutine_threadsafe(databases.ensure_roles(provided.postgres), loop).result()
        yield provided
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest_asyncio.fixture
async def topic_prefix(servers: Servers) -> AsyncIterator[str]:
    """A prefix of this test's own, under which the topics of deploy/topics.yaml exist with two partitions."""
    prefix = f"t{secrets.token_hex(5)}."
    await topics.create(servers.kafka, prefix)
    yield prefix
    await topics.delete(servers.kafka, prefix)
