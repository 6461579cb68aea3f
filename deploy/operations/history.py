"""Do the databases know what the topics tell? ``python -m deploy.operations.history show|carry``.

A producer that was put back to an older copy numbers its next events with versions that the topics have already; consumers
take those for repeats and skip them. ``show`` lists the events that the databases do not know and exits with 1 when there is
one; ``carry`` copies all others to topics under another prefix, where the history can go on from what is left.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import msgspec

from deploy.demo import stranger
from deploy.local import topics
from shared.db import load_queries
from shared.sender import Sender

Q = load_queries(__file__, "history.sql")
PRODUCERS: Final = ("enrolment", "blacklist", "notify")
PAGE: Final = 1000
Versions = Mapping[tuple[str, str], int]  # (topic without prefix, stream) -> last version


async def known(dsns: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """What the producers' databases know; ``dsns`` by service, owner or writer."""
    versions: dict[tuple[str, str], int] = {}
    for service in PRODUCERS:
        con = await asyncpg.connect(dsns[service])
        try:
            versions |= {(r["topic"], r["stream"]): r["version"] for r in await con.fetch(getattr(Q, service))}
        finally:
            await con.close()
    return versions


async def read(kafka: str, prefix: str) -> list[dict[str, Any]]:
    """Every record under the prefix, in the order of its partition: as an outbox row, with ``stream``, ``version`` and ``head``."""
    return [as_row(record, prefix) for record in await stranger.read(kafka, prefix)]


def as_row(record: Any, prefix: str) -> dict[str, Any]:
    head = {name: value.decode() for name, value in record.headers}
    return {
        "topic": record.topic.removeprefix(prefix),
        "key": record.key.decode(),
        "headers": msgspec.json.encode(head),
        "payload": record.value,
        "head": head,
        "stream": head["ce_stream"],
        "version": int(head["ce_streamversion"]),
    }


def unknown(records: Sequence[Mapping[str, Any]], versions: Versions) -> list[Mapping[str, Any]]:
    """The records that tell of more than the databases know."""
    return [r for r in records if r["version"] > versions.get((r["topic"], r["stream"]), 0)]


async def carry(
    kafka: str, to: str, records: Sequence[Mapping[str, Any]], versions: Versions, partitions: int | None = None,
    replication: int = 1,
) -> int:  # fmt: skip
    """Make the topics under the prefix ``to`` and copy there what the databases know; gives how many records."""
    await topics.create(kafka, to, partitions, replication)
    mine = [r for r in records if r["version"] <= versions.get((r["topic"], r["stream"]), 0)]
    if mine:  # a producer that never sent can't be dropped
        await _send(kafka, to, mine)
    return len(mine)


async def _send(kafka: str, prefix: str, rows: Sequence[Mapping[str, Any]]) -> None:
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a new partition has no leader at first; it tries again
    sender = Sender(kafka, prefix)
    await sender.start()
    try:
        for first in range(0, len(rows), PAGE):
            await sender.send(rows[first : first + PAGE])
    finally:
        await sender.drop()


async def forget_offsets(dsn: str) -> None:
    """Let the consumers of a database read their topics from the beginning; what they have applied they know by its version."""
    con = await asyncpg.connect(dsn)
    try:
        await con.execute("delete from consumer_offset")
    finally:
        await con.close()


async def main(arguments: argparse.Namespace) -> int:
    versions = await known(databases())
    records = await read(arguments.kafka, arguments.prefix)
    lost = unknown(records, versions)
    for r in lost:
        print(r["head"]["ce_time"], r["head"]["ce_type"], r["stream"], r["version"], r["head"].get("ce_actor", ""))
    print(f"{len(records)} records, {len(lost)} unknown to the databases", file=sys.stderr)
    if arguments.command == "show":
        return 1 if lost else 0
    count = topics.definition()["partitions"]
    carried = await carry(arguments.kafka, arguments.to, records, versions, count, arguments.replication)
    print(f"{carried} records carried", file=sys.stderr)
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.operations.history")
    parser.add_argument("command", choices=("show", "carry"))
    parser.add_argument("--kafka", required=True, help="host:port")
    parser.add_argument("--prefix", default="", help="of the topics to read")
    parser.add_argument("--to", help="carry: prefix of the new topics")
    parser.add_argument("--replication", type=int, default=3, help="carry: copies of each new topic")
    arguments = parser.parse_args()
    if arguments.command == "carry" and arguments.to in {None, arguments.prefix}:
        parser.error("carry needs --to with another prefix")
    return arguments


def databases() -> dict[str, str]:
    """The producers' DSNs (owner or writer) by service. No arguments: everyone would see their passwords in ``ps``."""
    names = {service: f"{service.upper()}_DSN" for service in PRODUCERS}
    if missing := [name for name in names.values() if not os.environ.get(name)]:
        sys.exit(f"needed in the environment: {' '.join(missing)}")
    return {service: os.environ[name] for service, name in names.items()}


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
