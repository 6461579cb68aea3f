from collections.abc import AsyncIterator

import pytest_asyncio

from shared.db import Database
from tests.support.databases import NewDatabase


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database("blacklist")
    async with Database(dsns.writer, dsns.reader) as database:
        yield database
