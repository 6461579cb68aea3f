from collections.abc import AsyncIterator

import pytest_asyncio

from shared.client import client
from shared.db import Database
from tests.integration.enrolment.desk import Desk
from tests.integration.enrolment.ground import Ground, lay
from tests.support.databases import NewDatabase
from tests.support.stack import RunService


@pytest_asyncio.fixture
async def ground(new_database: NewDatabase) -> AsyncIterator[Ground]:
    """A published year on a database of the test's own."""
    dsns = await new_database("enrolment")
    async with Database(dsns.writer, dsns.reader) as db:
        yield await lay(db)


@pytest_asyncio.fixture
async def desk(run_service: RunService) -> AsyncIterator[Desk]:
    """A running enrolment with nothing in it."""
    stack = await run_service("enrolment")
    async with client(30, base_url=stack.urls["enrolment"]) as http:
        yield Desk(stack, http)
