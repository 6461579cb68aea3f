"""Named places where a test lets the process die: ``SHIPEI_CRASH="relay.acked:3"`` kills it at the third time."""

import os
import signal
from functools import cache
from typing import Final

NAMES: Final = frozenset({
    "command.before_commit",
    "import.before_commit",
    "import.after_commit",
    "command.after_commit",
    "relay.acked",
    "consumer.committed",
    "dispatch.attempt_written",
    "dispatch.answered",
})  # fmt: skip


class _Fuse:
    """Where to die and how many passes are left. The empty name never matches."""

    def __init__(self, setting: str) -> None:
        self.name, _, times = setting.partition(":")
        if self.name and self.name not in NAMES:
            raise ValueError(f"SHIPEI_CRASH: no such point {self.name!r}; there are {', '.join(sorted(NAMES))}")
        self.left = int(times or 1)


@cache
def _fuse() -> _Fuse:
    return _Fuse(os.environ.get("SHIPEI_CRASH", ""))


def reach(name: str) -> None:
    """Pass a named point. Kills the process with SIGKILL when the environment asks for it; otherwise nothing."""
    fuse = _fuse()
    if name != fuse.name:
        return
    fuse.left -= 1
    if not fuse.left:
        os.kill(os.getpid(), signal.SIGKILL)
