"""Schema migrations: numbered ``.sql`` files, forward only, each in one transaction, each applied once."""

import hashlib
import re
from pathlib import Path
from typing import Final

import asyncpg
import structlog

from shared.db import Connection

log = structlog.get_logger()
ROOT: Final = Path(__file__).resolve().parent.parent
_LOCK: Final = 0x5368_6970_6569  # an arbitrary number; advisory locks are per database
_ROLE: Final = re.compile(r"(?<!:):(writer|reader)\b")
_FILE: Final = re.compile(r"\d{4}_[a-z0-9_]+\.sql")
_TABLE: Final = """
create table if not exists migration (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
)"""


class ChangedMigrationError(Exception):
    """An applied migration was edited or removed; write a new one instead."""


def migration_files(service: str) -> list[Path]:
    """The migrations of a service in the order of application: the plumbing's first, then its own."""
    folders = (ROOT / "shared/migrations", ROOT / "services" / service / "migrations")
    files = [file for folder in folders for file in sorted(folder.glob("*.sql"))]
    for file in files:
        if not _FILE.fullmatch(file.name):
            raise ValueError(f"{file}: a migration is named 0001_words.sql")
    return files


async def migrate(owner_dsn: str, service: str) -> list[str]:
    """Apply what is missing, as the owner role; gives the names of what was applied.

    Two processes at once: one waits for the other. Errors: ChangedMigrationError before anything is done; a failing file
    is rolled back and its error raised, earlier files stay applied.
    """
    con = await asyncpg.connect(owner_dsn, server_settings={"timezone": "UTC"})
    try:
        await con.execute("select pg_advisory_lock($1)", _LOCK)
        return await _apply_missing(con, service)
    finally:
        await con.close()


async def _apply_missing(con: Connection, service: str) -> list[str]:
    await con.execute(_TABLE)
    applied = {r["name"]: r["sha256"] for r in await con.fetch("select name, sha256 from migration")}
    files = {_name(f): f for f in migration_files(service)}
    _refuse_changes(applied, files)
    missing = [n for n in files if n not in applied]
    for name in missing:
        await _apply(con, service, name, files[name])
        log.info("migration applied", database_of=service, migration=name)
    return missing


def _refuse_changes(applied: dict[str, str], files: dict[str, Path]) -> None:
    for name, sha256 in applied.items():
        if name not in files:
            raise ChangedMigrationError(f"{name} was applied to this database but the file is gone; put it back")
        if _sha256(files[name]) != sha256:
            raise ChangedMigrationError(f"{name} was changed after it was applied; undo the change, write a new file")


async def _apply(con: Connection, service: str, name: str, file: Path) -> None:
    sql = _for_roles(file, service)
    async with con.transaction():
        await con.execute(sql)
        await con.execute("insert into migration (name, sha256) values ($1, $2)", name, _sha256(file))


def _for_roles(file: Path, service: str) -> str:
    return _ROLE.sub(lambda m: f"{service}_{m[1]}", file.read_text("utf-8"))


def _name(file: Path) -> str:
    return f"{file.parent.parent.name}/{file.name}"


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
