"""Processes that outlive a killed run are found again by process id *and* start time: an id alone may belong to a stranger by now."""

import json
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Record:
    """`started` is the operating system's start time in seconds since 1970, `stop` the signal of an orderly stop."""

    name: str
    pid: int
    started: float
    stop: int = signal.SIGTERM

    def process(self) -> psutil.Process | None:
        """The very process that was recorded, or None when it has ended (or its id was given to another)."""
        try:
            process = psutil.Process(self.pid)
            alive = process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive else None


class Registry:
    """The running processes of one run folder, kept in `processes.json`, replaced as a whole at each change."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "processes.json"

    def records(self) -> list[Record]:
        try:
            return [Record(**item) for item in json.loads(self.file.read_text())]
        except FileNotFoundError:
            return []

    def add(self, name: str, pid: int, stop: int = signal.SIGTERM) -> None:
        """A process that has ended before it could be recorded leaves nothing to find again."""
        others = [r for r in self.records() if r.name != name]
        with suppress(psutil.NoSuchProcess):
            others.append(Record(name, pid, psutil.Process(pid).create_time(), stop))
        self._write(others)

    def forget(self, name: str) -> None:
        self._write([r for r in self.records() if r.name != name])

    def stop_orphans(self) -> list[Record]:
        """Ends what an earlier run left behind, last started first; returns what was ended."""
        ended = [record for record in reversed(self.records()) if stop(record)]
        self._write([])
        return ended

    def _write(self, records: Sequence[Record]) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps([asdict(r) for r in records], indent=1))
        new.replace(self.file)


def stop(record: Record, seconds: float = STOP_SECONDS) -> bool:
    """Ends the recorded process in order, by force after `seconds`. False when it was not running any more."""
    process = record.process()
    if process is None:
        return False
    with suppress(psutil.NoSuchProcess):
        process.send_signal(record.stop)
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(seconds)
    return True
