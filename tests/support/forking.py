"""The project's programs as children of a process that has imported them: the same `main`, without the second of imports.

Only for tests: hundreds of starts would else spend a third of a run on importing. A protection has to be taken out before
it is imported: such a program is started as everywhere else; so are `make up`, `make demo` and the tests of `deploy/local`.
"""

import multiprocessing
import os
import random
import runpy
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import IO

from deploy.local.child import Process, Program, execute
from deploy.local.paths import ROOT, SERVICES

PROGRAMS = {**{f"services.{s}": f"services.{s}.app" for s in SERVICES}, "deploy.gateway": "deploy.gateway.app", "deploy.sink": "deploy.sink.app"}  # fmt: skip
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.warm"])


def launch(program: Program, environment: Mapping[str, str]) -> Process:
    """Forks where it can, executes where it must."""
    match list(program.command):
        case [_, "-m", module, *arguments] if module in PROGRAMS:
            return Forked(module, arguments, environment)
    return execute(program, environment)


class Forked:
    """A forked program, as `Child` needs it."""

    def __init__(self, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        reader, writer = CONTEXT.Pipe(duplex=False)
        self._process = CONTEXT.Process(target=_become, args=(module, arguments, environment, writer), daemon=True)
        self._process.start()
        writer.close()
        self.stdout: IO[bytes] | None = os.fdopen(os.dup(reader.fileno()), "rb")
        reader.close()
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # it was started
        return self._process.pid

    def poll(self) -> int | None:
        with self._lock:  # the exit code can be read once
            return self._process.exitcode

    def wait(self) -> int:
        connection.wait([self._process.sentinel])
        code = self.poll()
        assert code is not None  # the sentinel tells of it
        return code

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has just ended, its code is on the way
                os.kill(self.pid, sig)


def _become(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], output: connection.Connection
) -> None:
    """In the child: `python -m module`, in a session of its own; it does not outlive a test run that was killed."""
    os.setsid()
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number in (1, 2):
        os.dup2(output.fileno(), number)
    output.close()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a process's own streams are files
    random.seed()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
