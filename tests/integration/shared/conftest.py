from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.local.servers import Servers
from tests.integration.shared.rig import SERVICE, Rig, rigged
from tests.support.databases import NewDatabase


@pytest_asyncio.fixture
async def rig(servers: Servers, new_database: NewDatabase, topic_prefix: str) -> AsyncIterator[Rig]:
    async with rigged(await new_database(SERVICE), servers.kafka, topic_prefix) as made:
        yield made
