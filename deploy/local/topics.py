import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.local.paths import ROOT
from deploy.local.say import Trouble

READY_SECONDS = 30.0
COPIES_TO_LOSE_ONE = 3


def definition() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "topics.yaml").read_text(encoding="utf-8"))
    return loaded


@asynccontextmanager
async def administration(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Kafka's administration. Raises Trouble when it can't be reached."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    try:
        await admin.start()
    except KafkaError as error:
        await admin.close()
        raise Trouble("kafka_address", address=address, error=error) from error
    try:
        yield admin
    finally:
        await admin.close()


async def create(address: str, prefix: str = "", partitions: int | None = None, replication: int = 1) -> list[str]:
    """Makes the topics of deploy/topics.yaml that are missing under `prefix`; returns all their physical names."""
    wanted = definition()
    names = [prefix + topic for topic in wanted["topics"]]
    count = partitions or wanted["partitions_local"]
    async with administration(address) as admin:
        missing = sorted(set(names) - set(await admin.list_topics()))
        if missing:
            _raise_errors((await admin.create_topics(new(missing, count, replication))).topic_errors)
        await _until_led(admin, names, count)
    return names


def new(names: list[str], partitions: int, replication: int) -> list[NewTopic]:
    """The topics to make. Of three copies two must have an event before it is acknowledged: then one broker may be lost."""
    config = definition()["config"] | ({"min.insync.replicas": "2"} if replication >= COPIES_TO_LOSE_ONE else {})
    return [NewTopic(name, partitions, replication, topic_configs=config) for name in names]


async def delete(address: str, prefix: str) -> list[str]:
    """Deletes the topics of deploy/topics.yaml under a prefix (which may not be empty); returns what there was to delete."""
    if not prefix:
        raise ValueError("an empty prefix would delete everybody's topics")
    async with administration(address) as admin:
        mine = {prefix + topic for topic in definition()["topics"]} & set(await admin.list_topics())
        if mine:
            _raise_errors((await admin.delete_topics(sorted(mine))).topic_error_codes)
    return sorted(mine)


def _raise_errors(errors: list[tuple[Any, ...]]) -> None:
    failed = [error for error in errors if error[1]]
    if failed:
        raise Trouble("topics", output=failed)


async def _until_led(admin: AIOKafkaAdminClient, names: list[str], partitions: int) -> None:
    """A topic is usable once each partition has a leader, which comes a moment after its creation is answered."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_SECONDS
    while loop.time() < deadline:
        found = await admin.describe_topics(names)
        led = [t for t in found if sum(p["leader"] >= 0 for p in t["partitions"]) >= partitions]
        if len(led) == len(names):
            return
        await asyncio.sleep(0.05)
    raise Trouble("topics", output=f"no leader after {READY_SECONDS} s")
