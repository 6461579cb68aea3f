"""A run folder belongs to one living run: a lock, which the system releases with the process, says whose it is."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from deploy.local import memory
from deploy.local.paths import STATE, run_folder
from deploy.local.processes import Record, Registry, stop
from deploy.local.say import Trouble, going_on, say

SUPERVISOR = "supervisor"


@contextmanager
def claim(name: str) -> Iterator[Path]:
    """The folder of run `name`, ours until the context ends; what a killed earlier run left running is ended first.

    Raises Trouble when a living run has it.
    """
    folder = run_folder(name)
    with (folder / "lock").open("a") as lock:
        if not _lock(lock):
            raise Trouble("running", pid=_supervisor(folder))
        _clear(folder)
        registry = Registry(folder)
        registry.add(SUPERVISOR, os.getpid())
        try:
            yield folder
        finally:
            with going_on():
                registry.forget(SUPERVISOR)


@contextmanager
def claim_any(name: str) -> Iterator[Path]:
    """As `claim`, but beside a living run of that name another folder is taken (`name-2`, `name-3`, …)."""
    number = 1
    while True:
        try:
            claimed = claim(name if number == 1 else f"{name}-{number}")
            folder = claimed.__enter__()
        except Trouble:
            number += 1
            continue
        break
    try:
        yield folder
    finally:
        claimed.__exit__(None, None, None)


def folders() -> list[Path]:
    return sorted(path.parent for path in (STATE / "run").glob("*/processes.json"))


def end(folder: Path) -> bool:
    """Ends a living run in order, and what a killed one left. True when there was something to end."""
    supervisor = next((r for r in Registry(folder).records() if r.name == SUPERVISOR), None)
    told = supervisor is not None and stop(supervisor, seconds=60)
    return clear(folder) or told


def clear(folder: Path) -> bool:
    """Ends what a killed run left, nothing of a living one. True when there was something to end."""
    with (folder / "lock").open("a") as lock:
        return _lock(lock) and bool(_clear(folder))


def _clear(folder: Path) -> list[Record]:
    orphans = Registry(folder).stop_orphans()
    if orphans:
        say("orphans", names=", ".join(record.name for record in orphans))
    memory.give_back(folder)
    return orphans


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _supervisor(folder: Path) -> int | str:
    return next((r.pid for r in Registry(folder).records() if r.name == SUPERVISOR), "?")
