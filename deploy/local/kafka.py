"""One Kafka node in KRaft mode, broker and controller in one process, on free loopback ports."""

import asyncio
import base64
import os
import shutil
import subprocess
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local import jars, java
from deploy.local.child import Living, Program
from deploy.local.host import Host
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.say import failure, say

START_SECONDS = 60.0
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "500",  # tests of a killed member need not wait six seconds
    "broker.session.timeout.ms": "1500",  # after kill -9 the controller waits this long for the old registration
    "broker.heartbeat.interval.ms": "300",
    "log.segment.delete.delay.ms": "1000",  # deleted topics of tests leave the disk at once
}
JVM = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


def write_settings(place: Path, port: int, controller: int) -> Path:
    broker = f"PLAINTEXT://{LOOPBACK}:{port}"
    settings = {
        **SETTINGS,
        "log.dirs": str(place / "data"),
        "listeners": f"{broker},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": broker,
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
    }
    file = place / "server.properties"
    file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    return file


def format_storage(command: list[str], settings: Path) -> None:
    """Formats the data folder unless it is formatted; a half-formatted one has no meta.properties and is made anew."""
    data = settings.parent / "data"
    if (data / "meta.properties").exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    cluster = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
    if cluster.startswith("-"):
        cluster = "A" + cluster[1:]  # it would be taken for an option
    arguments = [*command, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings)]
    made = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if made.returncode:
        raise failure("kafka_format", made.stdout + made.stderr)


def command() -> list[str]:
    """How Java is called with Kafka's jars; finds the one and downloads the others."""
    return [java.find(), *JVM, "-cp", os.pathsep.join(str(jar) for jar in jars.provide())]


async def start(host: Host, command: list[str]) -> str:
    """Starts the node of a run folder; its address once clients can join groups. Raises Trouble when it does not come up."""
    place = host.folder / "kafka"
    place.mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = write_settings(place, port, free_port())
    await asyncio.to_thread(format_storage, command, settings)
    child = host.start(Program("kafka", [*command, "kafka.Kafka", str(settings)], {}))
    if not await ready(f"{LOOPBACK}:{port}", child):
        raise host.failed(child)
    say("kafka_started", port=port)
    return f"{LOOPBACK}:{port}"


async def ready(address: str, child: Living) -> bool:
    """Waits until clients can join groups; False when the node ended instead, or took too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_SECONDS
    while loop.time() < deadline and child.alive:
        if await answers(address):
            return True
        await asyncio.sleep(0.1)
    return False


async def answers(address: str) -> bool:
    """True when the node coordinates groups, which also makes the topic of the group offsets."""
    try:
        _, writer = await asyncio.open_connection(*address.split(":"))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    try:
        await admin.start()
        await admin.find_coordinator("shipei-ready")
    except KafkaError:
        return False
    finally:
        await admin.close()
    return True
