"""Migrations go forward, once, and never change afterwards."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from deploy.local import databases
from deploy.local.servers import Servers
from shared import migrate as module
from shared.migrate import ChangedMigrationError, migrate, migration_files

SERVICE = "reporting"


@pytest_asyncio.fixture
async def owner(servers: Servers) -> AsyncIterator[str]:
    """An empty database."""
    name = f"t_migrate_{secrets.token_hex(5)}"
    yield (await databases.create(servers.postgres, SERVICE, name)).owner
    await databases.drop(servers.postgres, name)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with two migrations of its own; gives the service's folder."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    shared, own = tmp_path / "shared" / "migrations", tmp_path / "services" / SERVICE / "migrations"
    shared.mkdir(parents=True)
    own.mkdir(parents=True)
    (shared / "0001_first.sql").write_text("create table first (id int); grant select on first to :reader;")
    (own / "0001_second.sql").write_text("create table second (t timestamptz default '2026-01-01'::timestamptz);")
    return own


async def tables(owner: str) -> set[str]:
    con = await asyncpg.connect(owner)
    try:
        return {r["relname"] for r in await con.fetch("select relname from pg_stat_user_tables")}
    finally:
        await con.close()


async def test_files_are_applied_once_in_order(owner: str, files: Path) -> None:
    assert await migrate(owner, SERVICE) == ["shared/0001_first.sql", "reporting/0001_second.sql"]
    assert await migrate(owner, SERVICE) == []
    (files / "0002_third.sql").write_text("create table third (id int);")
    assert await migrate(owner, SERVICE) == ["reporting/0002_third.sql"]
    assert await tables(owner) == {"migration", "first", "second", "third"}


async def test_two_processes_apply_each_file_once(owner: str, files: Path) -> None:
    done = await asyncio.gather(*[migrate(owner, SERVICE) for _ in range(3)])
    assert sorted(map(len, done)) == [0, 0, 2]


async def test_a_changed_file_is_refused_before_anything_is_done(owner: str, files: Path) -> None:
    await migrate(owner, SERVICE)
    (files / "0001_second.sql").write_text("create table second (id int);")
    (files / "0002_third.sql").write_text("create table third (id int);")
    with pytest.raises(ChangedMigrationError, match=r"reporting/0001_second\.sql was changed"):
        await migrate(owner, SERVICE)
    assert "third" not in await tables(owner)


async def test_a_removed_file_is_refused(owner: str, files: Path) -> None:
    await migrate(owner, SERVICE)
    (files / "0001_second.sql").unlink()
    with pytest.raises(ChangedMigrationError, match="the file is gone"):
        await migrate(owner, SERVICE)


async def test_a_failing_file_leaves_nothing_and_can_be_mended(owner: str, files: Path) -> None:
    (files / "0002_third.sql").write_text("create table third (id int); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(owner, SERVICE)
    assert await tables(owner) == {"migration", "first", "second"}
    (files / "0002_third.sql").write_text("create table third (id int);")
    assert await migrate(owner, SERVICE) == ["reporting/0002_third.sql"]


def test_a_file_without_a_number_is_refused(files: Path) -> None:
    (files / "third.sql").write_text("select 1;")
    with pytest.raises(ValueError, match="0001_words"):
        migration_files(SERVICE)


@pytest.mark.parametrize("service", ["enrolment", "notify", "blacklist", "reporting"])
def test_the_plumbing_comes_first(service: str) -> None:
    assert migration_files(service)[0].name == "0001_plumbing.sql"
