"""Puts a database back to an older copy while its users are connected, and takes it away for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from deploy.local.databases import Dsns, drop, provisioning
from deploy.local.servers import Servers


async def copy(servers: Servers, dsns: Dsns) -> str:
    """A copy of the database as it is now; gives its name."""
    name, service = f"{dsns.name}_old", str(urlsplit(dsns.owner).username).removesuffix("_owner")
    async with provisioning(servers.postgres) as admin:
        await alone(admin, dsns.name, f'create database "{name}" template "{dsns.name}" owner {service}_owner')
        await admin.execute(f'revoke all on database "{name}" from public')
        await admin.execute(f'grant connect on database "{name}" to {service}_writer, {service}_reader')
    return name


async def put_back(servers: Servers, dsns: Dsns, older: str) -> None:
    """Swap the older copy in; everybody who is connected loses the connection."""
    async with provisioning(servers.postgres) as admin:
        await alone(admin, dsns.name, f'alter database "{dsns.name}" rename to "{dsns.name}_gone"')
        await alone(admin, older, f'alter database "{older}" rename to "{dsns.name}"')
    await drop(servers.postgres, f"{dsns.name}_gone")


async def alone(admin: Any, name: str, statement: str) -> None:
    """Run what nobody else may be connected for. Users reconnect at once, so it may take more than one attempt."""
    for _ in range(100):
        await disconnect(admin, name)
        try:
            await admin.execute(statement)
        except asyncpg.ObjectInUseError:
            await asyncio.sleep(0.01)
        else:
            return
    raise AssertionError(f"{name} is never free: {statement}")


async def disconnect(admin: Any, name: str, application: str = "%") -> None:
    sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like $2"
    await admin.execute(sql, name, application)


@asynccontextmanager
async def out_of_reach(servers: Servers, dsns: Dsns) -> AsyncIterator[None]:
    """As if PostgreSQL were down for this database: connections end, new ones are refused."""
    async with provisioning(servers.postgres) as admin:
        await admin.execute(f'alter database "{dsns.name}" allow_connections false')
        await disconnect(admin, dsns.name)
        try:
            yield
        finally:
            await admin.execute(f'alter database "{dsns.name}" allow_connections true')
