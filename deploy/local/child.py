import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from deploy.local.paths import ROOT
from deploy.local.say import going_on

STOP_SECONDS = 20.0
LAST_WORDS = 60  # lines
LAST_WORDS_SECONDS = 1.0  # a worker of a killed program may hold its output open; nobody waits longer for it

Listener = Callable[[str, str], None]  # program name, line of its output; called from other threads


def silent(_name: str, _line: str) -> None:
    """Listens to nothing; the log files have it all."""


@dataclass(frozen=True)
class Program:
    """`ready` is the address that answers 2xx once the program can work, `stop` the signal of an orderly stop."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str = ""
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM


class Process(Protocol):
    """What a `Child` needs of a running program: as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def wait(self) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...


class Living(Protocol):
    """What is waited for as long as it lives: a `Child`, or a server in a container."""

    @property
    def alive(self) -> bool: ...


Launch = Callable[[Program, Mapping[str, str]], Process]


def execute(program: Program, environment: Mapping[str, str]) -> Process:
    """A new process, in a session of its own, its output in a pipe."""
    return subprocess.Popen(
        program.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=ROOT,
        start_new_session=True,
        user=program.user,
        extra_groups=[] if program.user else None,
    )


class Child:
    """One run of a program, in a session of its own (a Ctrl-C in the terminal reaches only who supervises it).

    Its output goes line by line to `log` as it is, and to `listener`, from a thread; that goes on when the disk is full.
    """

    def __init__(
        self, program: Program, environment: Mapping[str, str], log: Path, listener: Listener, launch: Launch = execute
    ) -> None:
        self.name, self._stop, self._log, self._listener = program.name, program.stop, log, listener
        self._words: deque[bytes] = deque(maxlen=LAST_WORDS)
        self._process = launch(program, {**inherited(), **program.environment, **environment})
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def last_words(self) -> str:
        """The end of its output, which the log may lack when the disk is full."""
        return b"".join(self._words.copy()).decode(errors="replace")

    async def ended(self) -> int:
        """The exit code, negative for a signal; all output has been passed on by then."""
        return await asyncio.shield(self._ended)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    async def stop(self) -> None:
        if self.alive:
            self.signal(self._stop)
            try:
                await asyncio.wait_for(self.ended(), STOP_SECONDS)
            except TimeoutError:
                self.signal(signal.SIGKILL)
        await self.ended()

    def _watch(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        reader = threading.Thread(target=self._pump, args=(self._process.stdout,), daemon=True)
        reader.start()
        code = self._process.wait()
        reader.join(LAST_WORDS_SECONDS)
        self._loop.call_soon_threadsafe(self._ended.set_result, code)

    def _pump(self, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self._words.append(line)
                with going_on():
                    self._write(line)
                with going_on():
                    self._listener(self.name, line.decode(errors="replace").rstrip())

    def _write(self, line: bytes) -> None:
        with self._log.open("ab", buffering=0) as log:
            log.write(line)


COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # compiling the project takes a third of a program's start


def inherited() -> dict[str, str]:
    """What a program inherits: this environment without the project's own variables: a program gets those that its plan names, no others."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith("SHIPEI_")}
    return {**mine, "PYTHONUNBUFFERED": "1", **COMPILED}


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)
