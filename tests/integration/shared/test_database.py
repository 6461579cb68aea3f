"""Roles, scopes and bounds of the pools."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from shared.db import Database
from tests.integration.shared.rig import SERVICE
from tests.support.databases import NewDatabase

PEOPLE = """
create table pupil (person_id text, unit_path text, institution_path text);
grant select, insert on pupil to reporting_writer; grant select on pupil to reporting_reader;
alter table pupil enable row level security;
create policy all_rows on pupil to reporting_writer using (true) with check (true);
create policy in_scope on pupil to reporting_reader using (in_scope(unit_path, institution_path, person_id));
insert into pupil values ('p1', '/a/b/c/', null), ('p2', '/a/b/d/', '/a/i/'), ('p3', '/a/bc/', null), ('p4', null, null);
"""


@dataclass
class Viewer:
    scope: str


@pytest_asyncio.fixture
async def db(new_database: NewDatabase) -> AsyncIterator[Database]:
    dsns = await new_database(SERVICE)
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute(PEOPLE)
    await owner.close()
    async with Database(dsns.writer, dsns.reader, writers=2, background=2, readers=1) as made:
        yield made


async def seen(db: Database, scope: str) -> set[str]:
    async with db.read(Viewer(scope)) as con:
        return {r["person_id"] for r in await con.fetch("select person_id from pupil")}


@pytest.mark.parametrize(
    ("scope", "people"),
    [
        ("", set()),
        ("unit:/a/", {"p1", "p2", "p3"}),
        ("unit:/a/b/", {"p1", "p2"}),
        ("unit:/a/b/c/", {"p1"}),
        ("unit:/a/i/", {"p2"}),
        ("person:p3", {"p3"}),
        ("unit:/a/b/c/,person:p4", {"p1", "p4"}),
        ("person:p", set()),
        ("unit:/x/", set()),
        ("/a/", set()),
        ("unit:%", set()),
    ],
)
async def test_a_reader_sees_its_scope(db: Database, scope: str, people: set[str]) -> None:
    assert await seen(db, scope) == people


async def test_a_pooled_connection_keeps_no_scope(db: Database) -> None:
    """The reader pool has one connection here, so it is the same one."""
    assert await seen(db, "unit:/a/")
    async with db._pools["read"].acquire() as con:
        assert await con.fetchval("select count(*) from pupil") == 0
    assert await seen(db, "") == set()


async def test_the_question_is_inlined_so_that_rows_are_cheap(db: Database) -> None:
    async with db.read(Viewer("unit:/a/")) as con:
        plan = "\n".join(r[0] for r in await con.fetch("explain verbose select * from pupil"))
    assert "in_scope" not in plan
    assert "string_to_array" in plan


async def test_a_scoped_read_writes_nothing(db: Database) -> None:
    async with db.read(Viewer("unit:/a/")) as con:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await con.execute("insert into pupil values ('p5', null, null)")


async def test_the_reader_role_may_not_write_at_all(db: Database) -> None:
    async with db._pools["read"].acquire() as con:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await con.execute("insert into pupil values ('p5', null, null)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await con.fetch("select * from outbox")


async def test_the_system_sees_everybody_and_writes_nothing(db: Database) -> None:
    async with db.system() as con:
        assert await con.fetchval("select count(*) from pupil") == 4
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await con.execute("delete from outbox")


async def test_a_failing_command_leaves_nothing(db: Database) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _insert_and_fail(db)
    async with db.system() as con:
        assert await con.fetchval("select count(*) from pupil") == 4


async def test_a_burst_of_commands_leaves_the_consumer_its_connection(db: Database) -> None:
    async with db.write(), db.write(), db.background() as con:
        assert await con.fetchval("select 1") == 1


async def test_json_is_python(db: Database) -> None:
    value = {"zh": "师训", "n": [1, None, 2.5]}
    async with db.write() as con:
        assert await con.fetchval("select $1::jsonb", value) == value
        assert await con.fetchval("select $1::json", value) == value


async def test_sessions_bound_their_waiting_and_speak_utc(db: Database) -> None:
    async with db.write() as con, db.background() as other:
        assert await con.fetchval("show timezone") == "UTC"
        assert await con.fetchval("show idle_in_transaction_session_timeout") == "15s"
        assert [await c.fetchval("show lock_timeout") for c in (con, other)] == ["10s", "2s"]


async def test_a_lock_that_is_held_is_given_up(db: Database) -> None:
    key = secrets.randbits(31)
    async with db.write() as con:
        await con.execute("select pg_advisory_xact_lock($1)", key)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await asyncio.gather(_lock(db, key))


async def _lock(db: Database, key: int) -> None:
    async with db.background() as con:
        await con.execute("select pg_advisory_xact_lock($1)", key)


async def _insert_and_fail(db: Database) -> None:
    async with db.write() as con:
        await con.execute("insert into pupil values ('p5', null, null)")
        await con.execute("select 1 / 0")
