"""Proof 2: reading everything again changes nothing and sends nothing; an older copy of a database catches up."""

from pathlib import Path

import asyncpg
import httpx

from deploy.demo.checks import examine
from deploy.demo.story import CHAPTERS, Stage
from deploy.local.paths import SERVICES
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from tests.support import snapshots
from tests.support.played import new_stage, own_stack, sources

OLDER, NEWER = 6, 8  # chapters told when the copy is taken, and when it is put back; no command of theirs lies between
RESTORED = ("reporting", "blacklist")


async def held(stage: Stage, sink: str) -> int:
    return len((await stage.http.get(f"{sink}/messages.json")).json()["messages"])


async def state(stack: Stack) -> dict[str, dict[str, str]]:
    return {s: await snapshots.digests(stack.dsns[s].owner) for s in SERVICES}


async def forget_offsets(stack: Stack) -> None:
    """Every consumer reads from the beginning: stopped, its offsets removed, started again."""
    for name in SERVICES:
        await stack.kill9(name)
        con = await asyncpg.connect(stack.dsns[name].owner)
        await con.execute("delete from consumer_offset")
        await con.close()
        await stack.start(name)


async def test_an_older_copy_catches_up_and_a_replay_changes_nothing(servers: Servers, tmp_path: Path) -> None:
    async with own_stack(servers, tmp_path / "run") as stack, httpx.AsyncClient(timeout=60) as http:
        place = demo_place(stack)
        stage = new_stage(place, http)
        for _, chapter in CHAPTERS[:OLDER]:
            await chapter(stage)
        await stage.stepper.settle()
        older = {s: await snapshots.take(stack.dsns[s].owner) for s in RESTORED}
        for _, chapter in CHAPTERS[OLDER:NEWER]:
            await chapter(stage)
        await stage.stepper.settle()
        newer, messages = await state(stack), await held(stage, place.sink)

        for name in RESTORED:
            await snapshots.put_back(stack.dsns[name].owner, older[name])
        assert await state(stack) != newer
        for name in RESTORED:
            await stack.restart(name)
        await stage.stepper.settle()
        assert await state(stack) == newer
        assert await held(stage, place.sink) == messages

        for _, chapter in CHAPTERS[NEWER:]:
            await chapter(stage)
        assert (await examine(stage, sources(place))).holds
        told, messages = await state(stack), await held(stage, place.sink)
        await forget_offsets(stack)
        await stage.stepper.settle()
        assert await state(stack) == told
        assert await held(stage, place.sink) == messages
