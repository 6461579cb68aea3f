"""Second logins of a database's roles, as somebody who replaces its passwords makes them (docs/operations/keys.md)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from deploy.local.databases import ROLES, Dsns, provisioning
from deploy.local.servers import Servers


@asynccontextmanager
async def second_logins(servers: Servers, service: str, first: Dsns, password: str) -> AsyncIterator[Dsns]:
    """Members of the three roles of ``service``, for the database of ``first``, which must be gone before they are removed."""
    logins = {kind: f"{kind}_{first.name}" for kind in ROLES}
    async with provisioning(servers.postgres) as admin:
        for kind, login in logins.items():
            await admin.execute(f"create role {login} login password '{password}' in role {service}_{kind}")
        await admin.execute(f"alter role {logins['owner']} set role = {service}_owner")
        yield Dsns(first.name, *(as_login(getattr(first, kind), logins[kind], password) for kind in ROLES))
        for login in logins.values():
            await admin.execute(f"drop role {login}")


def as_login(dsn: str, login: str, password: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{login}:{password}@{parts.netloc.rpartition('@')[2]}"))
