"""Runs programs as separate processes: waits until each is ready, starts a crashed one again after a growing pause, stops all."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local import logs
from deploy.local.processes import Record, Registry, stop
from deploy.local.say import Trouble

READY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE, CALM_SECONDS = 0.5, 15.0, 30.0

Listener = Callable[[str, str], None]  # program name, line of its output


@dataclass(frozen=True)
class Program:
    """`ready` is the address that answers 2xx once the program can work."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str


@dataclass
class Child:
    """One supervised program: its task lives from start to stop, over any number of crashes."""

    task: asyncio.Task[None]
    wanted: bool = True
    record: Record | None = None
    exits: list[int] = field(default_factory=list)


class Supervisor:
    """`restarts=False` leaves a dead program dead (tests start it again themselves)."""

    def __init__(self, folder: Path, programs: Sequence[Program], listener: Listener | None = None, *, restarts: bool) -> None:
        self.folder = folder
        self.registry = Registry(folder)
        self.programs = {program.name: program for program in programs}
        self.children: dict[str, Child] = {}
        self.listener = listener
        self.restarts = restarts

    async def start(self, name: str, **environment: str) -> None:
        """Starts a program, with additional environment for this start, and returns when it is ready. Raises Trouble else."""
        if self.running(name):
            raise ValueError(f"{name} is running")
        await self.stop(name)
        program = self.programs[name]
        child = self.children[name] = Child(asyncio.ensure_future(asyncio.sleep(0)))
        child.task = asyncio.create_task(self._keep(program, child, environment), name=name)
        await self._until_ready(program, child)

    async def start_all(self) -> None:
        await asyncio.gather(*(self.start(name) for name in self.programs))

    def running(self, name: str) -> bool:
        child = self.children.get(name)
        return bool(child and child.record and child.record.process())

    def pid(self, name: str) -> int:
        record = self.children[name].record
        if record is None:
            raise ValueError(f"{name} is not running")
        return record.pid

    async def stop(self, name: str) -> None:
        """Stops in order (SIGTERM, force after a while); does nothing when it is not running."""
        if child := self.children.get(name):
            child.wanted = False
            if child.record:
                await asyncio.to_thread(stop, child.record)
            await self._over(child)

    async def kill9(self, name: str) -> None:
        """SIGKILL; the program stays dead until `start`."""
        child = self.children[name]
        child.wanted = False
        if child.record and (process := child.record.process()):
            process.kill()
        await child.task

    async def ended(self, name: str) -> int:
        """Waits until the program has ended by itself (restarts off); its exit code, negative for a signal."""
        await self.children[name].task
        return self.children[name].exits[-1]

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(name) for name in self.children))

    async def _over(self, child: Child) -> None:
        if child.record is None or child.record.process() is None:
            child.task.cancel()  # it may be in its pause before the next start
        with suppress(asyncio.CancelledError):
            await child.task

    async def _keep(self, program: Program, child: Child, environment: Mapping[str, str]) -> None:
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while child.wanted:
            begun = loop.time()
            child.exits.append(await self._run(program, child, environment))
            if not (child.wanted and self.restarts):
                return
            pause = FIRST_PAUSE if loop.time() - begun > CALM_SECONDS else min(pause * 2, LONGEST_PAUSE)
            self._tell(program.name, f"exit {child.exits[-1]}; starting again in {pause:.0f} s")
            await asyncio.sleep(pause)

    async def _run(self, program: Program, child: Child, environment: Mapping[str, str]) -> int:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **program.environment, **environment},
            start_new_session=True,
            limit=2**20,
        )
        child.record = self.registry.add(program.name, process.pid)
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            await self._pump(program.name, process.stdout)
            return await process.wait()
        finally:
            self.registry.forget(program.name)

    async def _pump(self, name: str, output: asyncio.StreamReader) -> None:
        with (self.folder / "logs" / f"{name}.log").open("ab", buffering=0) as log:
            while line := await output.readline():
                log.write(line)
                self._tell(name, line.decode(errors="replace").rstrip())

    def _tell(self, name: str, line: str) -> None:
        if self.listener:
            self.listener(name, line)

    async def _until_ready(self, program: Program, child: Child) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_SECONDS
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while loop.time() < deadline and not child.task.done() and not child.exits:
                with suppress(httpx.TransportError):
                    if (await http.get(program.ready)).is_success:
                        return
                await asyncio.sleep(0.05)
        log = self.folder / "logs" / f"{program.name}.log"
        raise Trouble("program_start", name=program.name, log=log, output=logs.tail(log))


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)
