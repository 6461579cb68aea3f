from collections.abc import AsyncIterator

import pytest_asyncio

from shared.db import Database
from tests.integration.enrolment.ground import Ground, lay
from tests.support.databases import NewDatabase


@pytest_asyncio.fixture
async def ground(new_database: NewDatabase) -> AsyncIterator[Ground]:
    """A published year on a database of the test's own."""
    dsns = await new_database("enrolment")
    async with Database(dsns.writer, dsns.reader) as db:
        yield await lay(db)
