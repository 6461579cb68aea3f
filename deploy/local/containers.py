"""PostgreSQL and Kafka in containers, for tests and demonstrations where there is an engine: `SHIPEI_SERVERS=containers`.

The containers of a run carry its folder as a label. By that they are removed at its end, and at the beginning of the next
run in that folder what a killed one left; so testcontainers' own reaper, one more image, is not needed.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from deploy.local import kafka, postgres
from deploy.local.ports import free_port
from deploy.local.say import Trouble, failure, say

IMAGES: Final = {"postgres": "postgres:18", "kafka": "apache/kafka:4.3.0"}
LABEL: Final = "shipei.run"
testcontainers_config.ryuk_disabled = True


def image(name: str) -> str:
    """The image of a server: of SHIPEI_POSTGRES_IMAGE or SHIPEI_KAFKA_IMAGE, else the official one."""
    return os.environ.get(f"SHIPEI_{name.upper()}_IMAGE") or IMAGES[name]


@contextmanager
def engine() -> Iterator[Any]:
    """A conversation with the engine. Raises Trouble when there is none, or it refuses."""
    try:
        with closing(docker.from_env()) as client:
            yield client
    except DockerException as error:
        raise Trouble("engine", error=error) from error


def prepare(*names: str) -> None:
    """Fetches the images that the engine lacks. Raises Trouble when there is no engine, or an image can't be had."""
    with engine() as client:
        for wanted in map(image, names):
            try:
                client.images.get(wanted)
            except ImageNotFound:
                say("pulling", image=wanted)
                _pull(client, wanted)


def _pull(client: Any, wanted: str) -> None:
    try:
        client.images.pull(wanted)
    except APIError as error:
        raise Trouble("image", image=wanted, error=error.explanation or error) from error


def remove(folder: Path) -> None:
    """Ends and removes every container of a run folder, with its data."""
    with engine() as client:
        for each in client.containers.list(all=True, filters={"label": f"{LABEL}={folder}"}):
            each.remove(force=True, v=True)


class Contained:
    """A server in a container, under a port of this machine that is the same inside."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.port = name, free_port()
        self.container = DockerContainer(image(name)).with_kwargs(labels={LABEL: str(folder)})
        self.address = f"{self.container.get_docker_client().host()}:{self.port}"

    def start(self, inside: int, command: list[str] | None = None, **environment: str) -> None:
        """Runs it, `inside` being the port on which it listens there."""
        self.container.with_envs(**environment).with_bind_ports(inside, self.port)
        if command:
            self.container.with_command(command)
        with closing(self.container.get_docker_client().client):
            self.container.start()

    @property
    def alive(self) -> bool:
        with engine() as client:
            return bool(client.containers.get(self.container.get_container_id()).status == "running")

    def failed(self) -> Trouble:
        """What to say of a server that did not come up."""
        with engine() as client:
            said = client.containers.get(self.container.get_container_id()).logs(tail=20).decode(errors="replace")
        return failure("container_start", said, name=self.name, image=image(self.name))


async def start_postgres(folder: Path) -> str:
    """The administrator's DSN of a server that forgets. Raises Trouble when it does not come up."""
    secret = secrets.token_hex(24)
    options = {"max_connections": "300", **postgres.FORGETFUL}
    command = ["postgres", *(f"-c{key}={value}" for key, value in options.items())]
    server = Contained("postgres", folder)
    await asyncio.to_thread(server.start, 5432, command, POSTGRES_PASSWORD=secret)
    dsn = f"postgresql://postgres:{secret}@{server.address}/postgres"
    if not await postgres.ready(dsn, server):
        raise server.failed()
    say("container_started", name="PostgreSQL", image=image("postgres"), port=server.port)
    return dsn


@contextmanager
def unheard(library: str) -> Iterator[None]:
    """The engine takes connections before the server does, and a library would tell of each that is closed again."""
    logger = logging.getLogger(library)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def kafka_environment(port: int, address: str) -> dict[str, str]:
    """The settings of the local node, as the image takes them; clients are told `address`.

    But for its short session: no test kills this node, and on a busy machine it is not to be taken for dead.
    """
    settings = {
        **{key: value for key, value in kafka.SETTINGS.items() if not key.startswith("broker.")},
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://localhost:9093",
        "advertised.listeners": f"PLAINTEXT://{address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": "1@localhost:9093",
        "heap.opts": "-Xmx384m",
    }
    return {f"KAFKA_{key.replace('.', '_').upper()}": value for key, value in settings.items()}


async def start_kafka(folder: Path) -> str:
    """The address of a node once clients can join groups. Raises Trouble when it does not come up."""
    server = Contained("kafka", folder)
    environment = kafka_environment(server.port, server.address)
    await asyncio.to_thread(server.start, server.port, None, **environment)
    with unheard("aiokafka"):
        there = await kafka.ready(server.address, server)
    if not there:
        raise server.failed()
    say("container_started", name="Kafka", image=image("kafka"), port=server.port)
    return server.address
