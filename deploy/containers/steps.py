"""The steps between servers and services: keys, databases with their migrations, topics. Each may run again and changes nothing then."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from deploy.containers.environment import KEYS
from deploy.demo import accounts
from deploy.local import databases
from deploy.local import keys as local_keys
from deploy.local import topics as local_topics
from deploy.local.paths import SERVICES
from deploy.local.say import Trouble

PATIENCE = 60.0  # s until Kafka answers
FORMER = {"service-token-old": "all/SHIPEI_SERVICE_TOKEN_OLD", "receipts-key-old": "notify/SHIPEI_RECEIPTS_KEY_OLD"}
ACCOUNTS = Path("/var/lib/shipei/accounts/accounts.json")


def keys() -> None:
    """The keys, made once (folder ``master``), handed out anew to a folder for each part, which sees no other."""
    distribute(KEYS)
    if not ACCOUNTS.exists():
        accounts.write(ACCOUNTS, [])


def distribute(folder: Path) -> None:
    """Every file of every part; a secret that is over is taken back."""
    handed_out = parts(folder / "master")
    for name in FORMER.values() - handed_out.keys():
        (folder / name).unlink(missing_ok=True)
    for name, content in handed_out.items():
        target = folder / name
        new = target.with_suffix(".new")
        new.write_text(content)
        new.chmod(0o444)  # PostgreSQL's image has another user; who may see a folder is said by the mounts
        new.replace(target)


def parts(master: Path) -> dict[str, str]:
    """File name → content: settings are called as such, other files are named in docker-compose.yml."""
    made = local_keys.provide(master)
    password = local_keys.kept(master / "keys" / "postgres-password", lambda: secrets.token_hex(24))
    admin = f"postgresql://postgres:{password}@postgres:5432/postgres"
    own = {f"{service}/{name}": dsn for service in SERVICES for name, dsn in dsns(admin, service).items()}
    return {
        **own,
        **former(master),
        "admin/postgres-password": password,
        "admin/SHIPEI_POSTGRES": admin,
        "all/jwks.json": made.jwks.read_text(),
        "all/SHIPEI_SERVICE_TOKEN": made.service_token,
        "gateway/signing.pem": made.signing_key.read_text(),
        "enrolment/SHIPEI_SEAL_KEY": made.seal_key,
        "notify/SHIPEI_RECEIPTS_KEY": made.receipts_key,
        "sink/SHIPEI_RECEIPTS_URL": f"http://notify:8000/notify/receipts/sms?key={made.receipts_key}",
    }


def former(master: Path) -> dict[str, str]:
    """Secrets that are being replaced, as long as they lie beside their successors (docs/operations/keys.md)."""
    kept = {name: master / "keys" / file for file, name in FORMER.items()}
    return {name: file.read_text() for name, file in kept.items() if file.exists()}


def database(service: str) -> str:
    """The name of a service's database."""
    return f"shipei_{service}"


def dsns(admin: str, service: str) -> Mapping[str, str]:
    """What a service may connect as; the owner is the migrations' alone."""
    found = databases.dsns(admin, service, database(service))
    return {"SHIPEI_DSN_WRITER": found.writer, "SHIPEI_DSN_READER": found.reader}


def migrate() -> None:
    """Roles, databases and migrations of the four services, as the administrator of SHIPEI_POSTGRES."""
    asyncio.run(_migrate(os.environ["SHIPEI_POSTGRES"]))


async def _migrate(admin: str) -> None:
    await databases.ensure_roles(admin)
    for service in SERVICES:
        if not await databases.exists(admin, database(service)):
            await databases.create(admin, service, database(service))
        await databases.migrate(databases.dsns(admin, service, database(service)), service)


def topics() -> None:
    """The topics of deploy/topics.yaml, as soon as Kafka answers; SHIPEI_PARTITIONS for another number of partitions than there."""
    partitions = os.environ.get("SHIPEI_PARTITIONS") or local_topics.definition()["partitions"]
    asyncio.run(_topics(os.environ["SHIPEI_KAFKA"], int(partitions)))


async def _topics(kafka: str, partitions: int) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        try:
            await local_topics.create(kafka, partitions=partitions)
        except Trouble:
            if loop.time() > deadline:
                raise
            await asyncio.sleep(1)  # a broker that does not answer yet tells nobody when it will
        else:
            return
