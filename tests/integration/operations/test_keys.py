"""Secrets are replaced while the system runs: the old one is taken beside the new one, and refused once it is gone."""

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import jwt
import pytest
import pytest_asyncio

from deploy.gateway.accounts import Account, Words
from deploy.gateway.tokens import Signer
from deploy.local import databases, keys
from deploy.local.databases import Dsns
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from shared.db import Database
from shared.migrate import migrate
from tests.support.logins import second_logins
from tests.support.stack import RunService
from tests.support.visitor import token

OLD = "a-secret-of-last-year"
A_UNIT = (
    "insert into unit (unit_id, code, kind, path, name_zh, name_en, version) values ('u', 'u', 'k', '/u/', '', '', 1)"
)
A_PLACE = """
insert into place (place_id, version, policy_key, project, cohort, cohort_kind, unit_id, unit_path, met_every_condition)
values ('p', 1, 'k', 'k', 'k', 'trainee', 'u', '/u/', true)"""


async def status(address: str, bearer: str) -> int:
    async with client(10) as http:
        return (await http.get(address, headers={"authorization": f"Bearer {bearer}"})).status_code


async def push(address: str, key: str) -> int:
    async with client(10) as http:
        return (await http.post(address, params={"key": key}, json=[])).status_code


async def test_two_service_tokens_are_taken_until_the_old_one_is_taken_away(run_service: RunService) -> None:
    stack: Stack = await run_service("reporting", SHIPEI_SERVICE_TOKEN_OLD=OLD)
    address = f"{stack.urls['reporting']}/reporting/_time"
    assert [await status(address, t) for t in (stack.service_token, OLD, "another")] == [200, 200, 401]
    await stack.restart("reporting")
    assert [await status(address, t) for t in (stack.service_token, OLD)] == [200, 401]


async def test_an_empty_old_secret_opens_nothing(run_service: RunService) -> None:
    stack: Stack = await run_service("notify", SHIPEI_RECEIPTS_KEY_OLD="")
    address = f"{stack.urls['notify']}/notify/receipts/sms"
    assert await push(address, "") == httpx.codes.UNAUTHORIZED


async def test_two_receipt_keys_are_taken_until_the_old_one_is_taken_away(run_service: RunService) -> None:
    stack: Stack = await run_service("notify", SHIPEI_RECEIPTS_KEY_OLD=OLD)
    address = f"{stack.urls['notify']}/notify/receipts/sms"
    assert [await push(address, k) for k in (stack.plan.keys.receipts_key, OLD, "another")] == [200, 200, 401]
    await stack.restart("notify")
    assert [await push(address, k) for k in (stack.plan.keys.receipts_key, OLD)] == [200, 401]


async def test_the_published_keys_are_read_at_each_request(run_service: RunService, tmp_path: Path) -> None:
    """A second key beside the first, then the second alone, without a restart."""
    stack: Stack = await run_service("reporting")
    address, published = f"{stack.urls['reporting']}/reporting/summary.json", stack.plan.keys.jwks
    first = token(stack, "province", unit="410000")
    second = Signer(keys.provide(folder(tmp_path / "next")).signing_key, None, "shipei-local")
    bearer = second.sign(Account("province", "province", Words("", ""), Words("", ""), "410000"))
    before = json.loads(published.read_text())["keys"]
    assert [await status(address, t) for t in (first, bearer)] == [200, 401]
    published.write_text(json.dumps({"keys": [*before, *second.jwks["keys"]]}))
    assert [await status(address, t) for t in (first, bearer)] == [200, 200]
    published.write_text(json.dumps(second.jwks))
    assert [await status(address, t) for t in (first, bearer)] == [401, 200]
    assert jwt.get_unverified_header(first)["kid"] != jwt.get_unverified_header(bearer)["kid"]


def folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest_asyncio.fixture
async def both(servers: Servers) -> AsyncIterator[tuple[Dsns, Dsns]]:
    """An empty database of reporting; by the roles of always, and by second logins that are members of them."""
    first = await databases.create(servers.postgres, "reporting", f"t_keys_{secrets.token_hex(5)}")
    async with second_logins(servers, "reporting", first, OLD) as second:
        yield first, second
        await databases.drop(servers.postgres, first.name)


async def test_a_second_login_does_what_the_first_does(both: tuple[Dsns, Dsns]) -> None:
    """Migrations leave tables of the owner role, whoever applied them; the writer writes, the reader is under row-level security."""
    first, second = both
    await migrate(second.owner, "reporting")
    con = await asyncpg.connect(first.owner)
    owners = {r[0] for r in await con.fetch("select tableowner from pg_tables where schemaname = 'public'")}
    await con.close()
    assert owners == {"reporting_owner"}
    async with Database(second.writer, second.reader) as db:
        async with db.write() as writing:
            await writing.execute(A_UNIT)
            await writing.execute(A_PLACE)
        seen = {}
        for scope in ("unit:/u/", "unit:/other/", ""):
            async with db.read(Anyone(scope)) as reading:
                assert await reading.fetchval("select count(*) from unit") == 1
                seen[scope] = await reading.fetchval("select count(*) from place")
    assert seen == {"unit:/u/": 1, "unit:/other/": 0, "": 0}


async def test_a_login_that_was_closed_stays_closed_when_the_roles_are_provided_again(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`migrate` in a container and the installation do so at each run."""
    service = f"t{secrets.token_hex(5)}"
    monkeypatch.setattr(databases, "SERVICES", (service,))
    await databases.ensure_roles(servers.postgres)
    async with databases.provisioning(servers.postgres) as con:
        try:
            await con.execute(f"alter role {service}_writer nologin")
            await databases.ensure_roles(servers.postgres)
            found = await con.fetch("select rolname, rolcanlogin from pg_roles where rolname like $1", f"{service}%")
            assert dict(found) == {f"{service}_owner": True, f"{service}_writer": False, f"{service}_reader": True}
        finally:
            await con.execute(f"drop role {service}_owner, {service}_writer, {service}_reader")


@dataclass
class Anyone:
    """Who reads, as row-level security knows it."""

    scope: str
