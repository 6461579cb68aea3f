"""Several processes in one group, killed, frozen and stopped at any moment."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.integration.shared.rig import Rig, each, judge, until

STREAMS = 40


class Member:
    """A process of ``member.py``; ``crash`` as in ``SHIPEI_CRASH``."""

    def __init__(self, rig: Rig, replica: str, crash: str = "") -> None:
        self._rig = rig
        self._replica = replica
        self._crash = crash
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        d, p = self._rig.dsns, self._rig.place
        arguments = (d.writer, d.reader, p.kafka, p.topic_prefix, self._replica)
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.integration.shared.member", *arguments, env=os.environ | {"SHIPEI_CRASH": self._crash}
        )  # fmt: skip

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        if self.process.returncode is None:
            self.send(number)
        return await self.process.wait()


@asynccontextmanager
async def members(*wanted: Member) -> AsyncIterator[None]:
    try:
        for member in wanted:
            await member.start()
        yield
    finally:
        for member in wanted:
            await member.end()


async def send_slowly(rig: Rig, sent: list[tuple[str, int]]) -> None:
    """In small portions, each followed by copies of the last ones, as a relay that died would do."""
    for start in range(0, len(sent), 40):
        await rig.send(sent[start : start + 40])
        await rig.send(sent[max(0, start - 10) : start + 40])


async def all_there(rig: Rig, sent: list[tuple[str, int]]) -> bool:
    return await rig.count() >= len(sent)


async def test_two_members_share_the_work(rig: Rig) -> None:
    sent = each(STREAMS, versions=50)
    async with members(Member(rig, "0"), Member(rig, "1")):
        await rig.send(each(STREAMS, versions=1))
        await until(lambda: both_wrote(rig, sent))
    assert judge(await rig.ledger(), []).clean


async def both_wrote(rig: Rig, sent: list[tuple[str, int]]) -> bool:
    """Keeps giving work until the group has settled and each has done some."""
    done = await rig.count()
    await rig.send(sent[: done + STREAMS])
    return len(await rig.rows("select distinct wrote from ledger")) == 2


async def test_members_killed_at_random_lose_and_double_nothing(rig: Rig) -> None:
    chance = random.Random(7)
    sent = each(STREAMS, versions=60)
    pair = (Member(rig, "0"), Member(rig, "1"))
    async with members(*pair):
        sending = asyncio.create_task(send_slowly(rig, sent))
        kills = 0
        while kills < 8:
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            victim = chance.choice(pair)
            await victim.end()
            await victim.start()
            kills += 1
        await sending
        await until(lambda: all_there(rig, sent), seconds=60)
    assert judge(await rig.ledger(), sent).clean
    assert not await rig.parked()


async def test_a_member_killed_between_commit_and_kafkas_commit_doubles_nothing(rig: Rig) -> None:
    sent = each(STREAMS, versions=10)
    await rig.send(sent)
    async with members(Member(rig, "0", crash="consumer.committed:3")):
        await until(lambda: has_rows(rig))
    async with members(Member(rig, "0")):
        await until(lambda: all_there(rig, sent))
    assert judge(await rig.ledger(), sent).clean


async def has_rows(rig: Rig) -> bool:
    return await rig.count() > 0


async def test_a_frozen_member_that_wakes_up_doubles_nothing(rig: Rig) -> None:
    """Its partitions were given away meanwhile; what it still holds in hand is refused by the fence."""
    sent = each(STREAMS, versions=40)
    sleeper, other = Member(rig, "0"), Member(rig, "1")
    await rig.send(sent[:200])
    async with members(sleeper, other):
        await until(lambda: has_rows(rig))
        sleeper.send(signal.SIGSTOP)
        await rig.send(sent)
        await until(lambda: all_there(rig, sent), seconds=60)
        sleeper.send(signal.SIGCONT)
        more = each(STREAMS, versions=10, first=41)
        await rig.send(more)
        await until(lambda: all_there(rig, sent + more), seconds=60)
    assert judge(await rig.ledger(), sent + more).clean


async def test_a_stopped_member_finishes_its_batch(rig: Rig) -> None:
    sent = each(STREAMS, versions=30)
    member = Member(rig, "0")
    await rig.send(sent)
    async with members(member):
        await until(lambda: has_rows(rig))
        assert await member.end(signal.SIGTERM) == 0
    async with rig.reading() as consumer:
        await until(lambda: all_there(rig, sent))
        assert consumer.counts["duplicates"] == 0
    assert judge(await rig.ledger(), sent).clean
