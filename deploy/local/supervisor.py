"""Runs programs as separate processes: waits until each is ready, starts a crashed one again after a growing pause, stops all."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.local import logs
from deploy.local.child import Child, Launch, Listener, Program, execute, silent
from deploy.local.ports import listens
from deploy.local.processes import Registry
from deploy.local.say import failure, going_on
from deploy.local.together import together
from shared.client import client

READY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE, CALM_SECONDS = 0.5, 15.0, 30.0


class Kept:
    """A program that is kept running: by a task that lives from start to stop, over any number of crashes."""

    def __init__(self) -> None:
        self.wanted = True
        self.child: Child | None = None
        self.exits: list[int] = []
        self.task: asyncio.Task[None] | None = None

    async def over(self) -> None:
        if self.task is None:
            return
        if self.child is None or not self.child.alive:
            self.task.cancel()  # it may be in its pause before the next start
        with suppress(asyncio.CancelledError):
            await self.task


class Supervisor:
    """`restarts=False` leaves a dead program dead (tests start it again themselves)."""

    def __init__(
        self,
        folder: Path,
        programs: Sequence[Program],
        listener: Listener = silent,
        launch: Launch = execute,
        *,
        restarts: bool,
    ) -> None:
        self.folder = folder
        self.registry = Registry(folder)
        self.programs = {program.name: program for program in programs}
        self.kept: dict[str, Kept] = {}
        self.listener = listener
        self.launch = launch
        self.restarts = restarts

    async def start(self, name: str, **environment: str) -> None:
        """Starts a program, with additional environment for this start; returns when it is ready. Raises Trouble else."""
        if self.running(name):
            raise ValueError(f"{name} is running")
        await self.stop(name)
        kept = self.kept[name] = Kept()
        kept.task = asyncio.create_task(self._keep(self.programs[name], kept, environment), name=name)
        await self._until_ready(self.programs[name], kept)

    async def start_all(self) -> None:
        await together(*(self.start(name) for name in self.programs))

    def running(self, name: str) -> bool:
        kept = self.kept.get(name)
        return bool(kept and kept.child and kept.child.alive)

    def pid(self, name: str) -> int:
        child = self.kept[name].child
        if child is None:
            raise ValueError(f"{name} was never started")
        return child.pid

    async def stop(self, name: str) -> None:
        """Stops in order (SIGTERM, by force after a while); does nothing when it is not running."""
        if kept := self.kept.get(name):
            kept.wanted = False
            if kept.child:
                await kept.child.stop()
            await kept.over()

    async def kill9(self, name: str) -> None:
        """SIGKILL; the program stays dead until `start`."""
        kept = self.kept[name]
        kept.wanted = False
        if kept.child and kept.child.alive:
            kept.child.signal(signal.SIGKILL)
            await kept.child.ended()
        await kept.over()

    async def ended(self, name: str) -> int:
        """Waits until the program has ended by itself (restarts off); its exit code, negative for a signal."""
        kept = self.kept[name]
        if kept.task:
            await kept.task
        return kept.exits[-1]

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(name) for name in self.kept))

    async def _keep(self, program: Program, kept: Kept, environment: Mapping[str, str]) -> None:
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while kept.wanted:
            begun = loop.time()
            kept.exits.append(await self._run(program, kept, environment))
            if not (kept.wanted and self.restarts):
                return
            pause = FIRST_PAUSE if loop.time() - begun > CALM_SECONDS else min(pause * 2, LONGEST_PAUSE)
            self.listener(program.name, logs.crash(kept.exits[-1], pause))
            await asyncio.sleep(pause)

    async def _run(self, program: Program, kept: Kept, environment: Mapping[str, str]) -> int:
        log = self.folder / "logs" / f"{program.name}.log"
        kept.child = Child(program, environment, log, self.listener, self.launch)
        with going_on():
            self.registry.add(program.name, kept.child.pid)
        try:
            return await kept.child.ended()
        finally:
            with going_on():
                self.registry.forget(program.name)

    def _answers_itself(self, program: Program, kept: Kept) -> bool:
        """It is this program that listens there, not a stranger who took the port in between."""
        return kept.child is not None and listens(kept.child.pid, urlsplit(program.ready).port)

    async def _until_ready(self, program: Program, kept: Kept) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_SECONDS
        async with client(5) as http:
            while loop.time() < deadline and not kept.exits:
                with suppress(httpx.TransportError):
                    if (await http.get(program.ready)).is_success and self._answers_itself(program, kept):
                        return
                await asyncio.sleep(0.05)
        words = kept.child.last_words if kept.child else ""
        raise failure("program_start", logs.tail(program.name, words), name=program.name,
                      log=self.folder / "logs" / f"{program.name}.log")  # fmt: skip
