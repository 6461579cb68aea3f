"""An installation on servers that are there: what it leaves is enough to migrate and start each process, and it can be run again."""

import argparse
import secrets
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from deploy.gateway.settings import Settings as GatewaySettings
from deploy.local import databases, topics
from deploy.local.paths import SERVICES
from deploy.local.servers import Servers
from deploy.operations.install import install
from shared.migrate import migrate, migration_files


@pytest_asyncio.fixture
async def asked(servers: Servers, tmp_path: Path) -> AsyncIterator[argparse.Namespace]:
    token = secrets.token_hex(4)
    yield argparse.Namespace(
        out=tmp_path / "site", replication=1, name=f"i{token}",
        prefix=f"i{token}.", smtp="mail.example.invalid:25", sms_url="http://sms.example.invalid",
        url="https://training.example.invalid",
    )  # fmt: skip
    await databases.drop(servers.postgres, *(f"i{token}_{s}" for s in SERVICES))
    await topics.delete(servers.kafka, f"i{token}.")


def environment(file: Path) -> dict[str, str]:
    pairs = [line.partition("=") for line in file.read_text().splitlines()]
    return {name: value.strip("'") for name, _, value in pairs}


async def test_what_is_installed_can_be_migrated_and_started(
    asked: argparse.Namespace, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await install(servers.postgres, servers.kafka, asked)
    for service in SERVICES:
        env = environment(asked.out / f"{service}.env") | environment(asked.out / f"owner/{service}.env")
        with monkeypatch.context() as process:
            for name, value in env.items():
                process.setenv(name, value)
            settings = import_module(f"services.{service}.app").SERVICE.settings()
        assert await migrate(settings.dsn_owner, service) == [
            f"{f.parent.parent.name}/{f.name}" for f in migration_files(service)
        ]
        con = await asyncpg.connect(settings.dsn_writer)
        assert await con.fetchval("select count(*) from outbox") == 0
        await con.close()
    async with topics.administration(servers.kafka) as admin:
        made = [t for t in await admin.describe_topics() if t["topic"].startswith(asked.prefix)]
    assert {len(t["partitions"]) for t in made} == {topics.definition()["partitions"]}


async def test_no_process_s_file_holds_an_owner_s_password(asked: argparse.Namespace, servers: Servers) -> None:
    await install(servers.postgres, servers.kafka, asked)
    owners = [environment(asked.out / f"owner/{service}.env") for service in SERVICES]
    assert {name for owner in owners for name in owner} == {"SHIPEI_DSN_OWNER"}
    closed = [f"{at.username}:{at.password}" for at in (urlsplit(owner["SHIPEI_DSN_OWNER"]) for owner in owners)]
    assert [word.partition(":")[0] for word in closed] == [f"{service}_owner" for service in SERVICES]
    files = list(asked.out.glob("*.env"))
    assert {f.stem for f in files} == {*SERVICES, "gateway"}
    assert not [(file.name, word) for file in files for word in closed if word in file.read_text()]
    assert {file.stat().st_mode & 0o077 for file in [asked.out / "owner", *asked.out.glob("owner/*")]} == {0}


async def test_addresses_are_those_that_were_given_and_nothing_is_meant_for_the_sink(
    asked: argparse.Namespace, servers: Servers
) -> None:
    await install(servers.postgres, servers.kafka, asked)
    environments = {service: environment(asked.out / f"{service}.env") for service in SERVICES}
    origins = {service: env["SHIPEI_GATEWAY_URL"] for service, env in environments.items()}
    assert origins.pop("enrolment") == asked.url
    assert len(set(origins.values())) == 1, "the others ask the gateway itself"
    notify = environments["notify"]
    assert (notify["SHIPEI_SMTP"], notify["SHIPEI_SMS_URL"]) == (asked.smtp, asked.sms_url)
    assert "SHIPEI_DOUBT_SECONDS" not in notify, "a provider's look-up takes its own time"


async def test_a_second_run_keeps_what_was_edited(asked: argparse.Namespace, servers: Servers) -> None:
    await install(servers.postgres, servers.kafka, asked)
    before = {file: file.read_text() for file in asked.out.rglob("*") if file.is_file()}
    settings, keys = asked.out / "notify.env", asked.out / "keys/jwks.json"
    edited = {settings: before[settings] + "SHIPEI_PRODUCTION='true'\n", keys: '{"keys": []}'}
    for file, text in edited.items():
        file.write_text(text)
    await install(servers.postgres, servers.kafka, asked)
    after = {file: file.read_text() for file in asked.out.rglob("*") if file.is_file()}
    assert after == before | edited
    assert {file.stat().st_mode & 0o077 for file in asked.out.glob("*.env")} == {0}


async def test_the_gateway_needs_no_more_than_its_file(
    asked: argparse.Namespace, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await install(servers.postgres, servers.kafka, asked)
    for name, value in environment(asked.out / "gateway.env").items():
        monkeypatch.setenv(name, value)
    settings = GatewaySettings()  # type: ignore[call-arg]  # read from the environment
    assert set(settings.routes) == set(SERVICES)
    assert not settings.development_login
