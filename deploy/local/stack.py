"""The whole system on this machine: databases, topics, keys, and six processes with their environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.local.child import Program, python
from deploy.local.databases import Dsns
from deploy.local.keys import Keys
from deploy.local.paths import SERVICES
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.servers import Servers
from deploy.local.supervisor import Supervisor


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


def programs(plan: Plan) -> list[Program]:
    """The six processes, each with the environment that it needs."""
    ways = {"notify": to_the_sink(plan)}
    environments = {service: service_environment(plan, service) | ways.get(service, {}) for service in SERVICES}
    made = [_program(plan, service, f"services.{service}", environments[service]) for service in SERVICES]
    return [
        *made,
        _program(plan, "gateway", "deploy.gateway", gateway_environment(plan), path=""),
        _program(plan, "sink", "deploy.sink", sink_environment(plan), path="/sink"),
    ]


def _program(plan: Plan, name: str, module: str, environment: Mapping[str, str], path: str | None = None) -> Program:
    prefix = f"/{name}" if path is None else path
    port = {"SHIPEI_PORT": str(plan.ports[name])}
    return Program(
        name, python("-m", module), {**common(plan), **environment, **port}, f"{plan.url(name)}{prefix}/readyz"
    )


def common(plan: Plan) -> dict[str, str]:
    real = {"SHIPEI_CLOCK": "real"}
    stepped = {"SHIPEI_CLOCK": "stepped", "SHIPEI_DEMO": "true"}
    return {
        "SHIPEI_HOST": LOOPBACK,
        "SHIPEI_JWKS": str(plan.keys.jwks),
        "SHIPEI_SERVICE_TOKEN": plan.keys.service_token,
        "SHIPEI_GATEWAY_URL": plan.url("gateway"),
        **({**stepped, "SHIPEI_CLOCK_START": plan.start.isoformat()} if plan.start else real),
    }


def service_environment(plan: Plan, service: str) -> dict[str, str]:
    """What a service needs wherever it runs; notify's ways out come on top. Its database's owner is none of it."""
    database = plan.dsns[service]
    own = {
        "enrolment": {"SHIPEI_SEAL_KEY": plan.keys.seal_key},
        "notify": {"SHIPEI_RECEIPTS_KEY": plan.keys.receipts_key},
    }
    return {
        "SHIPEI_DSN_WRITER": database.writer,
        "SHIPEI_DSN_READER": database.reader,
        "SHIPEI_KAFKA": plan.servers.kafka,
        "SHIPEI_TOPIC_PREFIX": plan.topic_prefix,
        "SHIPEI_ENROLMENT_URL": plan.url("enrolment"),
        **own.get(service, {}),
    }


def to_the_sink(plan: Plan) -> dict[str, str]:
    """Notify's ways out where the sink takes everything."""
    return {
        "SHIPEI_SMTP": f"{LOOPBACK}:{plan.ports['smtp']}",
        "SHIPEI_SMS_URL": f"{plan.url('sink')}/sink/sms",
        "SHIPEI_DOUBT_SECONDS": "15",  # the sink's look-up is exact once a call has had its time
    }


def gateway_environment(plan: Plan) -> dict[str, str]:
    return {
        "SHIPEI_DEVELOPMENT_LOGIN": "true",
        "SHIPEI_ROUTES": json.dumps({name: plan.url(name) for name in (*SERVICES, "sink")}),
        "SHIPEI_SIGNING_KEY": str(plan.keys.signing_key),
        "SHIPEI_ACCOUNTS": str(accounts(plan.folder)),
        **({"SHIPEI_ASSETS": str(plan.assets)} if plan.assets else {}),
    }


def sink_environment(plan: Plan) -> dict[str, str]:
    return {
        "SHIPEI_SMTP": f"{LOOPBACK}:{plan.ports['smtp']}",
        "SHIPEI_RECEIPTS_URL": f"{plan.url('notify')}/notify/receipts/sms?key={plan.keys.receipts_key}",
        "SHIPEI_SINK_FILE": str(messages(plan.folder)),
    }


def messages(folder: Path) -> Path:
    """What the sink has received, kept over its restarts."""
    return folder / "sink.jsonl"


def accounts(folder: Path) -> Path:
    """The development login's accounts; whoever plays a story there adds to it."""
    return folder / "accounts.json"
