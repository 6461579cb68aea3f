"""Reporting is emptied as docs/operations/rebuild.md says, reads everything again, and has the same tables as before."""

import re
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from deploy.local.stack import Stack
from deploy.operations.figures import digests
from shared.client import client
from shared.sender import Sender
from tests.integration.reporting.test_league_table import story
from tests.support.stack import RunService, stepper

PAGE: Final = Path(__file__).parents[3] / "docs/operations/rebuild.md"
BULLETIN: Final = """
insert into bulletin (bulletin_id, policy_key, number, key, year, issuer_path, as_of, frozen_at, frozen_by, content, sha256)
values ('b', 'p', 1, 'k', 2000, '/u/', '2000-01-01', '2000-01-01', 'x', '{}', encode(sha256('{}'), 'hex'))
"""


def statement() -> str:
    (found,) = re.findall(r'psql "\$SHIPEI_DSN_OWNER" -c "(truncate [^"]+)"', PAGE.read_text())
    return str(found)


async def execute(stack: Stack, sql: str) -> None:
    con = await asyncpg.connect(stack.dsns["reporting"].owner)
    try:
        await con.execute(sql)
    finally:
        await con.close()


async def publish(stack: Stack) -> None:
    sender = Sender(stack.kafka, stack.topic_prefix)
    await sender.start()
    try:
        await sender.send([
            {"topic": r.topic, "key": r.stream, "headers": msgspec.json.encode(r.envelope.encode()), "payload": msgspec.json.encode(r.event)}
            for r in story().streams.received
        ])  # fmt: skip
    finally:
        await sender.drop()


async def at_rest(stack: Stack) -> None:
    async with client(30) as http:
        await stepper(http, stack, "reporting").settle()


async def test_an_emptied_projection_is_what_it_was(run_service: RunService) -> None:
    stack: Stack = await run_service("reporting")
    await publish(stack)
    await at_rest(stack)
    await execute(stack, BULLETIN)
    before = await digests(stack.dsns["reporting"])
    assert {name for name, digest in before.items() if digest.startswith("0 rows")} == {"inspection"}

    await stack.stop("reporting")
    await execute(stack, statement())
    emptied = await digests(stack.dsns["reporting"])
    assert {name for name, digest in emptied.items() if not digest.startswith("0 rows")} == {"bulletin"}
    await stack.start("reporting")
    await at_rest(stack)
    assert await digests(stack.dsns["reporting"]) == before
