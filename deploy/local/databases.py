"""Roles and databases. The only place that connects as one who may create them; all else connects as owner, writer or reader."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.paths import ROOT, SERVICES
from deploy.local.say import Trouble

ROLES = ("owner", "writer", "reader")
PROVISIONING_LOCK = 4_100_002_021  # one at a time per server, also over several test runs

MAY_PROVISION = "SELECT rolsuper OR rolcreaterole AND rolcreatedb FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Dsns:
    """One service's database by role."""

    name: str
    owner: str
    writer: str
    reader: str


@asynccontextmanager
async def provisioning(admin: str) -> AsyncIterator[Any]:
    """A connection of who may create. Raises Trouble when the server can't be reached, does not let it in, or has no space."""
    try:
        connection = await asyncpg.connect(admin)
    except (OSError, ValueError, asyncpg.PostgresError) as error:
        raise Trouble("postgres_address", error=error) from error
    try:
        yield connection
    except asyncpg.DiskFullError as error:
        raise Trouble("disk_full") from error
    finally:
        await connection.close()


def password(admin: str, role: str) -> str:
    """A role's password follows from the administrator's, so that every run on a server uses the same ones."""
    key = urlsplit(admin).password or "local"
    return hmac.new(key.encode(), role.encode(), hashlib.sha256).hexdigest()[:32]


def dsns(admin: str, service: str, name: str) -> Dsns:
    def dsn(kind: str) -> str:
        parts = urlsplit(admin)
        role = f"{service}_{kind}"
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{role}:{quote(password(admin, role))}@{host}"
        return urlunsplit((parts.scheme, netloc, f"/{name}", parts.query, ""))

    return Dsns(name, *(dsn(kind) for kind in ROLES))


async def ensure_roles(admin: str) -> None:
    async with provisioning(admin) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", PROVISIONING_LOCK)
        known = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        if not await connection.fetchval(MAY_PROVISION):
            raise Trouble("postgres_rights")
        for role in (f"{service}_{kind}" for service in SERVICES for kind in ROLES):
            verb, login = ("ALTER", "") if role in known else ("CREATE", "LOGIN")  # one that was closed stays closed
            secret = password(admin, role)
            await connection.execute(
                f"{verb} ROLE {role} {login} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '{secret}'"
            )
            if kind_of(role) == "owner":
                await connection.execute(
                    f"GRANT {role} TO CURRENT_USER"
                )  # else a non-superuser can't give it a database


def kind_of(role: str) -> str:
    return role.rpartition("_")[2]


async def create(admin: str, service: str, name: str, template: str | None = None) -> Dsns:
    """Makes the database `name` of a service, as a copy of `template` when given. Roles must be there (`ensure_roles`)."""
    async with provisioning(admin) as connection:
        copied = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else " TEMPLATE template0 ENCODING 'UTF8'"
        await connection.execute(f'CREATE DATABASE "{name}" OWNER {service}_owner{copied}')
        await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {service}_writer, {service}_reader')
    return dsns(admin, service, name)


async def exists(admin: str, name: str) -> bool:
    async with provisioning(admin) as connection:
        return bool(await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name))


async def drop(admin: str, *names: str) -> None:
    async with provisioning(admin) as connection:
        for name in names:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def fingerprint(service: str) -> str:
    """Changes with any migration of the service, so that a stale template is never used."""
    files = [ROOT / "shared" / "migrate.py"]
    for folder in (ROOT / "shared" / "migrations", ROOT / "services" / service / "migrations"):
        files += sorted(folder.glob("*.sql"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


async def template(admin: str, service: str) -> str:
    """The migrated database to copy from, made once per content of the migrations; a half-made one never gets the name."""
    name = f"template_{service}_{fingerprint(service)}"
    async with provisioning(admin) as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", PROVISIONING_LOCK)
        if await exists(admin, name):
            return name
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}_half" WITH (FORCE)')
        half = await create(admin, service, f"{name}_half")
        await migrate(half, service)
        await connection.execute(f'ALTER DATABASE "{name}_half" RENAME TO "{name}"')
    return name


async def migrate(database: Dsns, service: str) -> None:
    from shared.migrate import migrate as apply

    await apply(database.owner, service)
