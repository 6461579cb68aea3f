"""The servers of one run that were started here: recorded, watched, ended together."""

import asyncio
from pathlib import Path

from deploy.local import logs
from deploy.local.child import Child, Program, silent
from deploy.local.processes import Registry
from deploy.local.say import Trouble, failure, going_on, is_full, says_full


class Host:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[Child] = []
        self._registry = Registry(folder)

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def start(self, program: Program) -> Child:
        child = Child(program, {}, self.log(program.name), silent)
        self.children.append(child)
        self._registry.add(program.name, child.pid, program.stop)
        return child

    def failed(self, child: Child) -> Trouble:
        """What to say of a server that did not come up."""
        return failure(f"{child.name}_start", logs.tail(child.name, child.last_words), log=self.log(child.name))

    @property
    def full(self) -> bool:
        """A server has just said that the disk is full."""
        return any(says_full(child.last_words) for child in self.children)

    def cause(self, error: Exception) -> Trouble | None:
        """What a failed conversation came from: a full disk, or a server that has ended; None when it is neither."""
        if is_full(error) or self.full:
            return Trouble("disk_full")
        gone = next((child for child in self.children if not child.alive), None)
        return self._gone(gone) if gone and not isinstance(error, Trouble) else None

    async def one_failed(self) -> Trouble:
        """Returns when one of the servers has ended by itself; never when none was started."""
        if not self.children:
            await asyncio.Event().wait()
        watched = {asyncio.ensure_future(child.ended()): child for child in self.children}
        done, rest = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        return self._gone(watched[done.pop()])

    def _gone(self, child: Child) -> Trouble:
        words = logs.tail(child.name, child.last_words, 4)
        return failure("server_gone", words, name=child.name, log=self.log(child.name))

    async def close(self) -> None:
        await asyncio.gather(*(self._end(child) for child in self.children))

    async def _end(self, child: Child) -> None:
        await child.stop()
        with going_on():
            self._registry.forget(child.name)
