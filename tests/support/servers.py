"""The real servers of a test run: addresses in the environment win, else both are started for the session and stopped after it.

With SHIPEI_SERVERS=containers they are containers; programs that tests start see their addresses alone, as any other way.
"""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import pytest_asyncio

from deploy.local import databases, topics
from deploy.local.runs import claim_any
from deploy.local.say import Trouble
from deploy.local.servers import Servers, prepare, provide


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """`.postgres` may create databases: for provisioning alone, no test connects with it. `.kafka` is `host:port`."""
    with claim_any("test") as folder, ExitStack() as stack:
        loop = stack.enter_context(running_loop())
        try:
            context = provide(folder, prepare(), durable=False)
            provided = loop(context.__aenter__())
        except Trouble as trouble:
            pytest.exit(str(trouble), pytest.ExitCode.USAGE_ERROR)  # a sentence for who runs the tests
        stack.callback(lambda: loop(context.__aexit__(None, None, None)))
        loop(databases.ensure_roles(provided.postgres))
        stack.enter_context(pytest.MonkeyPatch.context()).delenv("SHIPEI_SERVERS", raising=False)
        yield provided


@contextmanager
def running_loop() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """A loop in a thread of its own (the tests have another one); gives a function that runs a coroutine there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@pytest_asyncio.fixture
async def topic_prefix(servers: Servers) -> AsyncIterator[str]:
    """A prefix of this test's own, under which the topics of deploy/topics.yaml exist with two partitions."""
    prefix = f"t{secrets.token_hex(5)}."
    await topics.create(servers.kafka, prefix)
    yield prefix
    await topics.delete(servers.kafka, prefix)
