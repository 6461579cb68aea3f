"""Registrations, one by one, through the gateway; and the account of what was accepted, taken from the answers alone."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Final

import httpx

from deploy.demo.client import Api, Refused

AT_ONCE: Final = 4
BETWEEN_TRIES, BETWEEN_COMMANDS = 0.2, 0.04  # s; the machine also does what the load is for


@dataclass
class Load:
    """Registers the holders of ``waiting`` until told to stop. ``accepted`` grows with each answer."""

    school: Api
    waiting: list[str]
    accepted: list[str] = field(default_factory=list)
    _over: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Ends when told to, or when nobody waits any more; a command under way gets its answer first."""
        await asyncio.gather(*[self._work() for _ in range(AT_ONCE)])

    def stop(self) -> None:
        """No new commands."""
        self._over = True

    async def more(self, count: int) -> None:
        """Until so many more have been accepted."""
        total = len(self.accepted) + count
        while len(self.accepted) < total:
            self._news.clear()
            await self._news.wait()

    async def _work(self) -> None:
        while self.waiting and not self._over:
            place = self.waiting.pop()
            await register(self.school, place)
            self.accepted.append(place)
            self._news.set()
            await asyncio.sleep(BETWEEN_COMMANDS)


async def register(school: Api, place: str) -> None:
    """One registration under one Idempotency-Key, asked for again until it is answered. Errors: Refused for a 4xx."""
    key = str(uuid.uuid4())
    while True:
        try:
            await school.post("/enrolment/registrations", {"place_ids": [place]}, key=key)
        except httpx.TransportError:
            pass
        except Refused as refused:
            if refused.problem["status"] < httpx.codes.INTERNAL_SERVER_ERROR:
                raise
        else:
            return
        await asyncio.sleep(BETWEEN_TRIES)
