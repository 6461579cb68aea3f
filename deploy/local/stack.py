"""The whole system on this machine: databases, topics, keys, and six processes with their environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.local.databases import Dsns
from deploy.local.keys import Keys
from deploy.local.paths import SERVICES
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.servers import Servers
from deploy.local.supervisor import Program, Supervisor, python


@dataclass(frozen=True)
class Plan:
    """What a stack is made from. `start` set: simulated time from that instant, else real time. `assets`: web files."""

    folder: Path
    servers: Servers
    dsns: Mapping[str, Dsns]
    topic_prefix: str
    keys: Keys
    ports: Mapping[str, int]
    start: datetime | None = None
    assets: Path | None = None

    def url(self, name: str) -> str:
        """The origin of a program: enrolment notify blacklist reporting gateway sink."""
        return f"http://{LOOPBACK}:{self.ports[name]}"


@dataclass(frozen=True)
class Stack:
    """The running system. Addresses are origins (`http://127.0.0.1:port`); paths begin with the service's name."""

    plan: Plan
    supervisor: Supervisor

    @property
    def folder(self) -> Path:
        return self.plan.folder

    @property
    def urls(self) -> dict[str, str]:
        """Origin by name: enrolment notify blacklist reporting gateway sink."""
        return {name: self.plan.url(name) for name in self.supervisor.programs}

    @property
    def gateway(self) -> str:
        return self.plan.url("gateway")

    @property
    def sink(self) -> str:
        return self.plan.url("sink")

    @property
    def dsns(self) -> Mapping[str, Dsns]:
        return self.plan.dsns

    @property
    def kafka(self) -> str:
        return self.plan.servers.kafka

    @property
    def topic_prefix(self) -> str:
        return self.plan.topic_prefix

    @property
    def service_token(self) -> str:
        return self.plan.keys.service_token

    async def start(self, name: str, **environment: str) -> None:
        """Starts a stopped or killed process (on its own port), returns when it is ready."""
        await self.supervisor.start(name, **environment)

    async def stop(self, name: str) -> None:
        await self.supervisor.stop(name)

    async def kill9(self, name: str) -> None:
        await self.supervisor.kill9(name)

    async def restart(self, name: str, **environment: str) -> None:
        await self.stop(name)
        await self.start(name, **environment)


def new_ports(gateway: int | None = None) -> dict[str, int]:
    ports = {name: free_port() for name in (*SERVICES, "gateway", "sink", "smtp")}
    return {**ports, "gateway": gateway or ports["gateway"]}


def common(plan: Plan) -> dict[str, str]:
    """The environment that every process of the stack gets."""
    clock = {"SHIPEI_CLOCK": "stepped", "SHIPEI_CLOCK_START": plan.start.isoformat(), "SHIPEI_DEMO": "true"}
    return {
        "SHIPEI_HOST": LOOPBACK,
        "SHIPEI_KAFKA": plan.servers.kafka,
        "SHIPEI_TOPIC_PREFIX": plan.topic_prefix,
        "SHIPEI_REPLICA": "0",
        "SHIPEI_JWKS": str(plan.keys.jwks),
        "SHIPEI_SERVICE_TOKEN": plan.keys.service_token,
        "SHIPEI_GATEWAY_URL": plan.url("gateway"),
        "SHIPEI_POSTGRES": "",
        **(clock if plan.start else {"SHIPEI_CLOCK": "real"}),
    }
