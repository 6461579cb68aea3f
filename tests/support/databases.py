import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from deploy.local import databases
from deploy.local.databases import Dsns
from deploy.local.servers import Servers

NewDatabase = Callable[[str], Awaitable[Dsns]]


@pytest_asyncio.fixture
async def new_database(servers: Servers) -> AsyncIterator[NewDatabase]:
    """`await new_database("enrolment")` -> `.owner .writer .reader` DSNs of an empty, migrated database of this test's own."""
    made: list[str] = []

    async def new(service: str) -> Dsns:
        template = await databases.template(servers.postgres, service)
        name = f"t_{service}_{secrets.token_hex(5)}"
        made.append(name)
        return await databases.create(servers.postgres, service, name, template)

    yield new
    await databases.drop(servers.postgres, *made)
