"""Proof 2: reading everything again changes nothing and sends nothing; an older copy of a database catches up.

The older copies are put back while their services run: connections end, the databases are swapped, nothing is restarted.
The reading again is a restart with the offsets removed; the consumer's own counters tell that every record came once more.
How a consumer meets a swap in the middle of its load is proven in tests/integration/shared/test_restore.py.
"""

import asyncio
import time
from collections import Counter
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from deploy.demo import rural, stranger
from deploy.demo.checks import examine
from deploy.demo.run import Place, sources_of
from deploy.demo.stage import Stage
from deploy.demo.story import CHAPTERS
from deploy.local.paths import SERVICES
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from tests.support import restoring, snapshots
from tests.support.played import new_stage, own_stack

ACTS: Final = [chapter for _, chapter in CHAPTERS]
OLDER, NEWER = (1 + ACTS.index(c) for c in (rural.move_class, rural.dismiss_and_complete))
# how much is told when the copy is taken, and when it is put back; no command of the restored services lies between
RESTORED = ("reporting", "blacklist")
PATIENCE: Final = 300  # s; a running consumer compares its position with PostgreSQL every 30 s and acts the second time


async def held(stage: Stage, sink: str) -> int:
    return len((await stage.http.get(f"{sink}/messages.json")).json()["messages"])


async def state(stack: Stack) -> dict[str, dict[str, str]]:
    return {s: await snapshots.digests(stack.dsns[s].owner) for s in SERVICES}


async def calm(stage: Stage) -> None:
    """At rest again; a service that has just lost its connections answers 503 for a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            await stage.stepper.settle()
        except httpx.HTTPStatusError as error:
            if not error.response.is_server_error or time.monotonic() > deadline:
                raise
        else:
            return
        await asyncio.sleep(0.2)


async def put_back(servers: Servers, stack: Stack, name: str, older: str, now: datetime) -> None:
    """The older copy instead of the database; simulated time is in the database and stays where it is, as real time would."""
    await restoring.put_back(servers, stack.dsns[name], older)
    await execute(stack, name, "update business_clock set instant = $1", now)


async def execute(stack: Stack, name: str, statement: str, *arguments: object) -> None:
    con = await asyncpg.connect(stack.dsns[name].owner)
    try:
        await con.execute(statement, *arguments)
    finally:
        await con.close()


async def forget_offsets(stack: Stack) -> None:
    """Every consumer reads from the beginning: stopped, its offsets removed, started again."""
    for name in SERVICES:
        await stack.kill9(name)
        await execute(stack, name, "delete from consumer_offset")
        await stack.start(name)


async def counted(stack: Stack, http: httpx.AsyncClient, name: str) -> dict[str, int]:
    """What the consumer of a running process has counted since the process began."""
    text = (await http.get(f"{stack.urls[name]}/{name}/metrics")).raise_for_status().text
    lines = [line.split() for line in text.splitlines() if line.startswith("shipei_consumer_")]
    return {line[0].partition("{")[0].removeprefix("shipei_consumer_"): int(float(line[1])) for line in lines}


async def to_read(place: Place) -> dict[str, int]:
    """How many records lie in the topics that each service consumes."""
    records = Counter(
        r.topic.removeprefix(place.topic_prefix) for r in await stranger.read(place.kafka, place.topic_prefix)
    )
    return {s: sum(records[t] for t in import_module(f"services.{s}.subscribers").TOPICS) for s in SERVICES}


async def test_an_older_copy_catches_up_and_a_replay_changes_nothing(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage = new_stage(place, http, PATIENCE)
        for chapter in ACTS[:OLDER]:
            await chapter(stage)
        await stage.stepper.settle()
        older = {s: await restoring.copy(servers, stack.dsns[s]) for s in RESTORED}
        await calm(stage)
        for chapter in ACTS[OLDER:NEWER]:
            await chapter(stage)
        await stage.stepper.settle()
        newer, messages, now = await state(stack), await held(stage, place.sink), await stage.stepper.now()
        processes = {s: stack.supervisor.pid(s) for s in SERVICES}

        for name in RESTORED:
            await put_back(servers, stack, name, older[name], now)
        restored = await state(stack)
        assert {s for s in SERVICES if restored[s] != newer[s]} == set(RESTORED)
        await calm(stage)
        assert await state(stack) == newer
        assert await held(stage, place.sink) == messages
        assert {s: stack.supervisor.pid(s) for s in SERVICES if stack.supervisor.running(s)} == processes

        for chapter in ACTS[NEWER:]:
            await chapter(stage)
        assert [c for c in (await examine(stage, sources_of(place))).checks if not c.holds] == []
        told, messages, records = await state(stack), await held(stage, place.sink), await to_read(place)
        await forget_offsets(stack)
        await stage.stepper.settle()
        again = {s: await counted(stack, http, s) for s in SERVICES}
        assert {s for s in SERVICES if again[s]["duplicates"] < records[s]} == set(), (again, records)
        assert [again[s]["applied"] for s in SERVICES] == [0] * len(SERVICES)
        assert await state(stack) == told
        assert await held(stage, place.sink) == messages
