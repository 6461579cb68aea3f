"""`status`, `down`, and the stopping part of `clean`."""

import json
import os
import time
from pathlib import Path

import psutil

from deploy.local import postgres, runs
from deploy.local.processes import Registry
from deploy.local.say import say


def status() -> int:
    """One line per process that runs: run, name, process id, memory, for how long, address."""
    told = False
    for folder in runs.folders():
        addresses = _addresses(folder)
        for record in Registry(folder).records():
            if process := record.process():
                told = True
                print(_line(folder.name, record.name, process, addresses.get(record.name, "")))
    if not told:
        say("nothing_runs")
    return 0


def _line(run: str, name: str, process: psutil.Process, address: str) -> str:
    memory = process.memory_info().rss // 2**20
    minutes = (time.time() - process.create_time()) / 60
    return f"{run:<8} {name:<11} {process.pid:>8} {memory:>5} MB {minutes:>7.1f} min  {address}".rstrip()


def _addresses(folder: Path) -> dict[str, str]:
    try:
        loaded: dict[str, str] = json.loads((folder / "addresses.json").read_text())
    except FileNotFoundError:
        return {}
    return loaded


def down() -> int:
    """Stops `up` and `demo`, whichever runs; of every other run only what is left of a killed one."""
    ended = [f.name for f in runs.folders() if (runs.end if f.name in {"up", "demo"} else runs.clear)(f)]
    say("stopped", names=", ".join(ended)) if ended else say("nothing_runs")
    return 0


def end_all() -> int:
    """Stops every run of this checkout and removes what it keeps outside of .shipei; the folder itself is the caller's."""
    for folder in runs.folders():
        runs.end(folder)
        postgres.leave(folder)
    return os.EX_OK
