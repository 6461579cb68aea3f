"""The supervisor with a real program: Python's own web server."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local import logs
from deploy.local.child import Listener, Program, python, silent
from deploy.local.ports import free_port
from deploy.local.processes import Registry
from deploy.local.say import Trouble
from deploy.local.supervisor import Supervisor

Supervise = Callable[..., Supervisor]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "logs").mkdir()
    port = str(free_port())
    command = python("-m", "http.server", port, "--bind", "127.0.0.1", "--directory", str(tmp_path))
    return Program("web", command, {}, f"http://127.0.0.1:{port}/")


@pytest_asyncio.fixture
async def supervise(tmp_path: Path, program: Program) -> AsyncIterator[Supervise]:
    made: list[Supervisor] = []

    def new(listener: Listener = silent, *, restarts: bool) -> Supervisor:
        made.append(Supervisor(tmp_path, [program], listener, restarts=restarts))
        return made[-1]

    yield new
    for supervisor in made:
        await supervisor.close()
    assert Registry(tmp_path).records() == []


async def test_a_crashed_program_is_started_again(supervise: Supervise) -> None:
    begun: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def listen(_: str, line: str) -> None:
        if line.startswith("Serving HTTP"):
            loop.call_soon_threadsafe(begun.put_nowait, line)

    supervisor = supervise(listen, restarts=True)
    await supervisor.start("web")
    await begun.get()
    os.kill(supervisor.pid("web"), signal.SIGKILL)
    await asyncio.wait_for(begun.get(), 20)
    assert supervisor.kept["web"].exits == [-signal.SIGKILL]
    assert supervisor.running("web")


async def test_a_killed_program_stays_dead_until_it_is_started(supervise: Supervise) -> None:
    supervisor = supervise(restarts=True)
    await supervisor.start("web")
    await supervisor.kill9("web")
    assert not supervisor.running("web")
    await supervisor.start("web")
    assert supervisor.running("web")


async def test_the_exit_of_a_program_can_be_awaited(supervise: Supervise) -> None:
    supervisor = supervise(restarts=False)
    await supervisor.start("web")
    os.kill(supervisor.pid("web"), signal.SIGKILL)
    assert await supervisor.ended("web") == -signal.SIGKILL


async def test_a_program_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    program = Program("broken", python("-c", "raise SystemExit('no such setting')"), {}, "http://127.0.0.1:9/")
    supervisor = Supervisor(tmp_path, [program], restarts=False)
    with pytest.raises(Trouble, match="no such setting"):
        await supervisor.start("broken")


async def test_a_stranger_on_the_port_is_not_taken_for_the_program(supervise: Supervise, program: Program) -> None:
    stranger = supervise(restarts=False)
    await stranger.start("web")
    with pytest.raises(Trouble, match="Address already in use"):
        await supervise(restarts=False).start("web")


def test_a_log_line_is_readable() -> None:
    line = json.dumps(
        {"timestamp": "2021-07-16T00:00:00Z", "level": "info", "event": "selected", "service": "x", "places": 20}
    )
    assert logs.readable("enrolment", line).endswith("enrolment  info    selected places=20")
    assert logs.readable("enrolment", "plain words").endswith("plain words")
