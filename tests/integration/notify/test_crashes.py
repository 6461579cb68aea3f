"""kill -9 around the call: at most one message, unless the ledger says that it is in doubt."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from typing import Any

import pytest

from services.notify.channels.service import EmailChannel
from tests.integration.notify.ground import ROOT, TOKEN, Ground, at, selected

NOW = at(7, 20)


async def dispatch(ground: Ground, crash: str | None, **more: Any) -> int:
    """The exit code of one dispatcher's process."""
    told = {"writer": ground.dsns.writer, "reader": ground.dsns.reader, "smtp": ground.smtp[1], "token": TOKEN,
            "sms": f"{ground.sink}/sink/sms", "contacts": ground.contacts_url, "lease": 0.3, "now": NOW.isoformat(),
            "channels": ["sms"], "group": 10, **more}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.notify.child", stdin=asyncio.subprocess.PIPE, cwd=ROOT,
        env=os.environ | ({"SHIPEI_CRASH": crash} if crash else {}))  # fmt: skip
    await process.communicate(json.dumps(told).encode() + b"\n")
    return process.returncode or 0


async def settled(ground: Ground) -> None:
    """The lease of the dead caller runs out, doubts are looked up, what never left goes out."""
    while await ground.states("state = 'sending'"):
        await asyncio.sleep(0.05)
        await ground.settler().run(NOW)
    while await ground.settler().run(NOW):
        pass
    assert await dispatch(ground, None) == 0


@pytest.mark.parametrize("point", ["dispatch.attempt_written:1", "dispatch.answered:1", "dispatch.answered:4"])
async def test_sms_end_as_exactly_one_each(bare: Ground, point: str) -> None:
    await bare.tell(NOW, *[selected(i) for i in range(10)])
    assert await dispatch(bare, point) == -signal.SIGKILL
    assert await bare.states("channel = 'sms' and recipient_kind = 'person'") == {"sending": 10}
    await settled(bare)
    assert await bare.states("channel = 'sms' and recipient_kind = 'person'") == {"accepted": 10}
    received = await bare.received(channel="sms")
    assert len(received) == len({m["message_id"] for m in received}) == 10


async def test_killed_before_the_attempt_is_written_nothing_is_in_doubt(bare: Ground) -> None:
    """A claim without attempt: the lease runs out, and somebody else sends."""
    await bare.tell(NOW, selected(0))
    dead = "update reminder set lease_token = 'dead', lease_until = clock_timestamp() + make_interval(secs => $1)"
    async with bare.db.write() as con:
        await con.execute(dead, 60)
    await bare.send(NOW)
    assert await bare.received(channel="sms") == []
    async with bare.db.write() as con:
        await con.execute(dead, 0)
    await bare.send(NOW)
    assert len(await bare.received(channel="sms")) == 1


async def test_mails_are_never_sent_twice_by_themselves(bare: Ground) -> None:
    await bare.tell(NOW, *[selected(i) for i in range(30)])
    assert await dispatch(bare, "dispatch.answered:12", channels=["email"]) == -signal.SIGKILL
    await settled(bare)
    assert await dispatch(bare, None, channels=["email"]) == 0
    copies = Counter(m["message_id"] for m in await bare.received(channel="email"))
    assert max(copies.values()) == 1
    states = await bare.states("channel = 'email' and recipient_kind = 'person'")
    assert set(states) == {"accepted", "in_doubt"}
    assert states["in_doubt"] <= EmailChannel.group  # no more than the calls that ran side by side
    doubtful = {r["message_id"] for r in await bare.rows("state = 'in_doubt'")}
    assert {r["message_id"] for r in await bare.rows("channel = 'email' and state = 'accepted'")} <= set(copies)
    assert len(copies) + len(doubtful - set(copies)) == 30
