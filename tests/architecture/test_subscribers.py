"""Who listens to what, and how: nothing that FastStream registers may lose a record, and each event has one producer."""

import ast
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from faststream import AckPolicy

from deploy.local.paths import ROOT, SERVICES
from docs.generate import asyncapi, services
from shared.consumer import Consumer
from shared.db import Connection, Database
from shared.envelope import Received
from shared.events import EVENTS, PRODUCER_OF
from shared.service import Service
from shared.subscriber import Subscription, is_wrapped

TOPICS = set(yaml.safe_load((ROOT / "deploy/topics.yaml").read_text("utf-8"))["topics"])
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"
WHERE = SimpleNamespace(kafka="127.0.0.1:9", topic_prefix="here.", replica="7")


async def nothing(con: Connection, received: Sequence[Received]) -> None:
    """Stands where the service's effect will; nothing is connected here."""


def registered(service: Service) -> list[Any]:
    """What the service's subscription registers with FastStream."""
    consumer = Consumer(service.name, service.topics, Database(NOWHERE, NOWHERE), nothing)
    return list(Subscription(consumer, WHERE).broker.subscribers)


@pytest.mark.parametrize("service", services(), ids=lambda s: s.name)
async def test_a_subscriber_can_lose_nothing(service: Service) -> None:
    subscribers = registered(service)
    assert len(subscribers) == 1
    for subscriber in subscribers:
        assert is_wrapped(subscriber)
        assert subscriber.ack_policy is AckPolicy.MANUAL
        assert subscriber.group_id == f"here.{service.name}"
        assert {topic.name for topic in subscriber.topics} == {f"here.{topic}" for topic in service.topics}
        options = subscriber._connection_args
        assert options["auto_offset_reset"] == "earliest"
        assert options["enable_auto_commit"] is False
        assert options["group_instance_id"] == f"{service.name}-7"


async def test_an_unwrapped_handler_is_noticed() -> None:
    (subscriber,) = registered(services()[0])

    async def loose(records: list[bytes]) -> None: ...

    subscriber(loose)
    assert not is_wrapped(subscriber)


def test_faststream_is_used_in_one_place() -> None:
    users = [str(p.relative_to(ROOT)) for folder in ("services", "shared", "deploy") for p in (ROOT / folder).rglob("*.py")
             if any(name.split(".")[0] == "faststream" for name in imports(ast.parse(p.read_text("utf-8"))))]  # fmt: skip
    assert users == ["shared/subscriber.py"]


def imports(tree: ast.AST) -> list[str]:
    found = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    return found + [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]


@pytest.mark.parametrize("service", services(), ids=lambda s: s.name)
def test_what_is_listened_to_is_documented_and_there(service: Service) -> None:
    document = asyncapi()
    assert set(service.topics) <= TOPICS
    assert set(service.topics) <= set(document["channels"])
    told = {key for key, operation in document["operations"].items()
            if operation["action"] == "receive" and key.startswith(f"{service.name} ")}  # fmt: skip
    assert told == {f"{service.name} receives {topic}" for topic in service.topics}


def test_each_event_has_a_producer_that_names_it() -> None:
    assert set(PRODUCER_OF) == set(EVENTS)
    spoken = {name: words(name) for name in SERVICES}
    silent = [event.__name__ for type_, event in EVENTS.items() if event.__name__ not in spoken[PRODUCER_OF[type_]]]
    assert not silent


def words(service: str) -> set[str]:
    """The names that a service's domains use; decisions are made there and nowhere else."""
    folder = ROOT / "services" / service
    trees = [ast.parse(p.read_text("utf-8")) for p in (*folder.rglob("domain.py"), *folder.rglob("domain/*.py"))]
    found = {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return found | {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}


def test_each_topic_has_one_producer_and_a_listener() -> None:
    producers = {topic: {PRODUCER_OF[t] for t, e in EVENTS.items() if e.topic == topic} for topic in TOPICS}
    assert all(len(names) == 1 for names in producers.values()), producers
    sent = {key for key, operation in asyncapi()["operations"].items() if operation["action"] == "send"}
    assert sent == {f"{name} sends {topic}" for topic, names in producers.items() for name in names}
    assert {topic for service in services() for topic in service.topics} == TOPICS
