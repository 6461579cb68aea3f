"""``python -m deploy.operations.install``: roles, databases, topics, keys, and an environment file for each process.

What is there already stays as it is; run it again after a failure. Migrations are a step of their own (docs/operations/install.md).
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

from deploy.local import databases, keys, topics
from deploy.local.host import Host
from deploy.local.paths import SERVICES
from deploy.local.say import Trouble
from deploy.local.servers import Servers
from deploy.local.stack import Plan, common, service_environment

PORTS: Final = dict(zip(("gateway", *SERVICES, "sink", "smtp"), range(8100, 8107), strict=True))


async def install(postgres: str, kafka: str, arguments: argparse.Namespace) -> None:
    """Raises Trouble when a server can't be reached or refuses."""
    arguments.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    owners = arguments.out / "owner"  # for migrations alone: no process gets one of its files
    owners.mkdir(mode=0o700, exist_ok=True)
    await databases.ensure_roles(postgres)
    dsns = {s: await database(postgres, s, f"{arguments.name}_{s}") for s in SERVICES}
    count = topics.definition()["partitions"]
    await topics.create(kafka, arguments.prefix, count, arguments.replication)
    servers = Servers(postgres, kafka, Host(arguments.out))
    plan = Plan(arguments.out, servers, dsns, arguments.prefix, keys.provide(arguments.out), PORTS)
    for service in SERVICES:
        own = service_environment(plan, service) | {"SHIPEI_PORT": str(PORTS[service])}
        write(arguments.out / f"{service}.env", common(plan) | own | addresses(arguments, service))
        write(owners / f"{service}.env", {"SHIPEI_DSN_OWNER": dsns[service].owner})
    routes = {"SHIPEI_ROUTES": json.dumps({s: plan.url(s) for s in SERVICES}), "SHIPEI_PORT": str(PORTS["gateway"])}
    write(arguments.out / "gateway.env", common(plan) | routes)


def addresses(arguments: argparse.Namespace, service: str) -> dict[str, str]:
    """Addresses outside: where messages go, and what QR codes begin with."""
    given = {
        "notify": {"SHIPEI_SMTP": arguments.smtp, "SHIPEI_SMS_URL": arguments.sms_url},
        "enrolment": {"SHIPEI_GATEWAY_URL": arguments.url},
    }
    return given.get(service, {})


async def database(admin: str, service: str, name: str) -> databases.Dsns:
    if await databases.exists(admin, name):
        return databases.dsns(admin, service, name)
    return await databases.create(admin, service, name)


def write(file: Path, environment: dict[str, str]) -> None:
    """For `set -a; . file`; a file that is there is kept, it may have been edited."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text("".join(f"{name}='{value}'\n" for name, value in sorted(environment.items())))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.operations.install")
    parser.add_argument("--kafka", required=True, help="host:port")
    parser.add_argument("--url", required=True, help="origin that people open, https://...; QR codes begin with it")
    parser.add_argument("--out", required=True, type=Path, help="folder for keys and environment files")
    parser.add_argument("--smtp", required=True, help="host:port of the mail server")
    parser.add_argument("--sms-url", required=True, help="base address of the SMS gateway")
    parser.add_argument("--replication", type=int, default=3, help="copies of each topic (1 on a single broker)")
    parser.add_argument("--name", default="shipei", help="databases are called <name>_<service>")
    parser.add_argument("--prefix", default="", help="of the topics")
    return parser.parse_args()


def administrator() -> str:
    """The DSN of a user who may create roles and databases. No argument: everyone would see its password in ``ps``."""
    if not (dsn := os.environ.get("SHIPEI_POSTGRES")):
        sys.exit("SHIPEI_POSTGRES is needed: the DSN of a user who may create roles and databases")
    return dsn


if __name__ == "__main__":
    try:
        asked = parse()
        asyncio.run(install(administrator(), asked.kafka, asked))
    except Trouble as trouble:
        sys.exit(str(trouble))
