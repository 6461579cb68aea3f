"""The servers of one run that were started here: recorded, watched, ended together."""

import asyncio
from pathlib import Path

from deploy.local import logs
from deploy.local.child import Child, Program, silent
from deploy.local.processes import Registry
from deploy.local.say import Trouble, failure


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

    def failed(self, name: str) -> Trouble:
        """What to say of a server that did not come up."""
        return failure(f"{name}_start", logs.tail(self.log(name)), log=self.log(name))

    async def one_failed(self) -> Trouble:
        """Returns when one of the servers has ended by itself; never when none was started."""
        if not self.children:
            await asyncio.Event().wait()
        watched = {asyncio.ensure_future(child.ended()): child.name for child in self.children}
        done, rest = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        name = watched[done.pop()]
        return failure("server_gone", logs.tail(self.log(name), 4), name=name, log=self.log(name))

    async def close(self) -> None:
        await asyncio.gather(*(self._end(child) for child in self.children))

    async def _end(self, child: Child) -> None:
        await child.stop()
        self._registry.forget(child.name)
