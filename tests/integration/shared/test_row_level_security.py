"""Proof 6 in the databases: without a scope the reader sees nobody, with one its own only; whatever tables there are.

Tables are read from the catalogue, so a new one is filled, tried, and fails when it has no policy.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import pytest

from deploy.local.databases import Dsns
from deploy.local.paths import SERVICES
from shared.auth import Grant, Principal
from shared.db import Database
from tests.support.catalogue import OWN, Table, connected, fill, tables
from tests.support.databases import NewDatabase

EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES)
# About units, years, quota, classes, papers, inspections and plumbing: no person is in them.
ABOUT_NOBODY: Final = {"unit", "unit_kind", "business_clock", "programme", "quota_cell", "quota_move", "pool", "pool_share", "named_list", "commission", "cell", "class", "class_date",
                       "document", "file", "inspection", "inspection_score", "rule", "progress"}  # fmt: skip
ABOUT_SOMEBODY: Final = {
    "person_id",
    "place_id",
    "entry_id",
    "recipient_id",
    "id_hash",
    "id_sealed",
    "phone",
    "email",
    "words",
}
SCOPES: Final = ("unit:/root/own/", "unit:/institution/own/", "person:person_id-own")
NOT_HERE: Final = ("", ",", "unit:/root/none/", "unit:/root/own/below/", "person:nobody", "person:", "person:person_id")
ROLES: Final = "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = any ($1)"
WRITES: Final = (
    "insert into {table} default values",
    'update {table} set "{column}" = "{column}"',
    "delete from {table}",
    "truncate {table}",
    "alter table {table} disable row level security",
    "create policy all_of_it on {table} using (true)",
)


async def filled(new_database: NewDatabase, service: str) -> tuple[Dsns, list[Table]]:
    dsns = await new_database(service)
    found = await tables(dsns, service)
    await fill(dsns, found)
    return dsns, found


async def seen(con: Any, found: Sequence[Table]) -> dict[str, list[str]]:
    """``table -> the rows that are seen there``, of the tables under row-level security."""
    return {t.name: [r[0] for r in await con.fetch(f'select "{t.readable[0]}" from "{t.name}"')]
            for t in found if t.guarded and t.readable}  # fmt: skip


@EVERY_SERVICE
async def test_what_is_about_persons_has_a_policy(service: str, new_database: NewDatabase) -> None:
    found = await tables(await new_database(service), service)
    open_tables = [t for t in found if t.readable and not t.guarded]
    assert {t.name for t in open_tables} <= ABOUT_NOBODY
    assert not [t.name for t in open_tables if ABOUT_SOMEBODY & set(t.columns)]
    placed = [t for t in found if {"person_id", "unit_path"} & set(t.columns) and t.name not in ABOUT_NOBODY]
    assert placed
    assert all(t.guarded for t in placed)


@EVERY_SERVICE
async def test_a_reused_connection_without_scope_sees_nobody(service: str, new_database: NewDatabase) -> None:
    dsns, found = await filled(new_database, service)
    reached: dict[str, set[str]] = {}
    async with asyncpg.create_pool(dsns.reader, min_size=1, max_size=1) as pool:
        backends = set()
        for scope in (*SCOPES, *NOT_HERE):
            async with pool.acquire() as con, con.transaction():
                await con.execute("select set_config('app.scope', $1, true)", scope)
                within = await seen(con, found)
            async with pool.acquire() as con, con.transaction():
                assert not any((await seen(con, found)).values()), f"after {scope}"
                backends.add(await con.fetchval("select pg_backend_pid()"))
            for name, rows in within.items():
                reached.setdefault(name, set()).update(rows)
                assert not rows or scope in SCOPES, f"{name} with {scope!r}"
    assert len(backends) == 1
    assert {name: len(rows) for name, rows in reached.items()} == dict.fromkeys(reached, 1), (
        "each shows its own row and no other"
    )
    assert all(row.endswith(f"-{OWN}") for rows in reached.values() for row in rows)


@EVERY_SERVICE
async def test_a_scope_ends_with_its_transaction_however_it_ends(service: str, new_database: NewDatabase) -> None:
    dsns, found = await filled(new_database, service)
    async with Database(dsns.writer, dsns.reader, readers=1) as db:
        for broken in (False, True):
            try:
                async with db.read(Principal("a", "a", (Grant("county", path="/root/own/"),))) as con:
                    assert any((await seen(con, found)).values())
                    await con.execute("select 1 / $1::int", 0 if broken else 1)
            except asyncpg.DivisionByZeroError:
                assert broken
            async with db.read(Principal("b", "b", (Grant("province"),))) as con:
                assert not any((await seen(con, found)).values())


@EVERY_SERVICE
async def test_the_reader_reads_and_nothing_else(service: str, new_database: NewDatabase) -> None:
    dsns, found = await filled(new_database, service)
    tried = [w.format(table=f'"{t.name}"', column=t.columns[0]) for t in found for w in WRITES]
    tried += ["create table mine (a int)", f"set role {service}_writer", f"set role {service}_owner"]
    async with connected(dsns.reader) as con:
        for statement in tried:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await con.execute(statement)
        await con.execute("set row_security = off")
        for table in (t for t in found if t.guarded and t.readable):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await con.fetch(f'select "{table.readable[0]}" from "{table.name}"')


@EVERY_SERVICE
async def test_no_role_stands_above_the_policies(service: str, new_database: NewDatabase) -> None:
    dsns = await new_database(service)
    names = [f"{service}_{kind}" for kind in ("owner", "writer", "reader")]
    async with connected(dsns.owner) as con:
        roles = await con.fetch(ROLES, names)
        members = await con.fetchval(
            "select count(*) from pg_auth_members where member::regrole::text = any ($1)", names
        )
        around = await con.fetchval(
            "select count(*) from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
        )
        views = await con.fetchval(
            "select count(*) from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace"
            " and not coalesce('security_invoker=true' = any (reloptions), false)"
        )
    assert [tuple(r)[1:] for r in roles] == [(False,) * 5] * len(names)
    assert (members, around, views) == (0, 0, 0)
    assert {t.owner for t in await tables(dsns, service)} == {f"{service}_owner"}
