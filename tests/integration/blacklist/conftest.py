from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from deploy.local.stack import Stack
from shared.db import Database
from tests.integration.blacklist.ground import follow, story
from tests.integration.blacklist.round import Round, joined
from tests.support.databases import NewDatabase
from tests.support.stack import RunService
from tests.support.streams import feed
from tests.support.year import at


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database("blacklist")
    async with Database(dsns.writer, dsns.reader) as database:
        yield database


@pytest_asyncio.fixture
async def running(run_service: RunService) -> AsyncIterator[Stack]:
    stack = await run_service("blacklist", start=at(9, 10))
    dsns = stack.dsns["blacklist"]
    async with Database(dsns.writer, dsns.reader) as db:
        await feed(db, follow, [story().streams.received])
        async with db.write() as con:
            await con.execute("delete from outbox")
    yield stack


@pytest_asyncio.fixture
async def here(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Round]:
    """All four services, joined without a broker."""
    async with joined(new_database, tmp_path) as made:
        yield made
