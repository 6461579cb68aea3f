import os
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local import databases, postgres, topics
from deploy.local.child import Program
from deploy.local.host import Host
from deploy.local.servers import Servers, provide


async def test_each_role_reaches_its_database_and_none_is_a_superuser(servers: Servers) -> None:
    name = "t_local_roles"
    made = await databases.create(servers.postgres, "notify", name)
    try:
        for dsn in (made.owner, made.writer, made.reader):
            connection = await asyncpg.connect(dsn)
            row = await connection.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            await connection.close()
            assert tuple(row) == (False, False)
    finally:
        await databases.drop(servers.postgres, name)


@pytest.mark.parametrize("durable", [True, False])
async def test_a_server_of_root_in_a_closed_folder_starts_under_a_close_umask(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, durable: bool
) -> None:
    """Its user, who is not root, reaches the programs and the data all the same."""
    monkeypatch.setenv("SHIPEI_KAFKA", servers.kafka)
    monkeypatch.delenv("SHIPEI_POSTGRES", raising=False)
    monkeypatch.setattr(postgres, "open_to_all", lambda _: os.geteuid() != 0)
    (folder := tmp_path / "run").joinpath("logs").mkdir(parents=True)
    before = os.umask(0o077)
    try:
        async with provide(folder, [], durable=durable) as provided:
            await databases.ensure_roles(provided.postgres)
            made = await databases.create(provided.postgres, "notify", "t_local_umask")
            connection = await asyncpg.connect(made.owner)
            assert await connection.fetchval("SHOW fsync") == ("on" if durable else "off")
            await connection.close()
    finally:
        os.umask(before)
        postgres.leave(folder)


async def test_a_prefix_has_every_topic_with_two_partitions(servers: Servers, topic_prefix: str) -> None:
    async with topics.administration(servers.kafka) as admin:
        found = await admin.describe_topics([topic_prefix + t for t in topics.definition()["topics"]])
    assert {t["topic"]: len(t["partitions"]) for t in found} == dict.fromkeys(
        (topic_prefix + t for t in topics.definition()["topics"]), 2
    )


async def test_what_is_sent_is_received(servers: Servers, topic_prefix: str) -> None:
    topic = topic_prefix + "training.unit.v1"
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka) as producer:
        await producer.send_and_wait(topic, b"payload", key=b"key")
    async with AIOKafkaConsumer(topic, bootstrap_servers=servers.kafka, auto_offset_reset="earliest") as consumer:
        assert (await consumer.getone()).value == b"payload"


async def test_a_server_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    host = Host(tmp_path)
    host.start(Program("kafka", ("sh", "-c", "echo the disk is gone; exit 3"), {}))
    trouble = await host.one_failed()
    await host.close()
    assert "kafka ended unexpectedly" in str(trouble)
    assert "the disk is gone" in str(trouble)
