import asyncio
import signal
from collections.abc import Awaitable, Coroutine
from typing import Any

from deploy.local.say import Trouble, say

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Runs `work`; a Ctrl-C, a SIGTERM or a closed terminal ends it in order (128 + number), and further ones don't disturb that."""
    with asyncio.Runner() as runner:
        return runner.run(_interruptible(work))


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)

    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        received.append(number)
        for each in SIGNALS:
            loop.add_signal_handler(each, lambda: None)
        say("stopping", signal=number.name)
        task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + received[0] if received else 1


async def until_told(failing: Awaitable[Trouble]) -> None:
    """Waits for such a signal: here it is no interruption but what everybody waited for. Raises what `failing` brings."""
    try:
        trouble = await failing
    except asyncio.CancelledError:
        return
    raise trouble
