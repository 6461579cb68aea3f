"""Steps the simulated time of all services together, and waits each time until nothing is under way.

The services' own tables say what is under way: rows in an outbox, records that a consumer has not read. A step is
over when that is nothing twice in a row, with no job that still finds work at the instant.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx

PAUSE: Final = 0.02
QUIET_ROUNDS: Final = 2
State = Mapping[str, Any]  # what a service tells of itself at /_time


class Stuck(Exception):  # noqa: N818  (says what it is)
    """The services did not come to rest in time; the message tells what was still under way."""


class Stepper:
    """Drives the clocks of the services at ``urls`` (each with its prefix: ``http://host:port/enrolment``).

    ``watch`` are addresses outside the services that answer ``{"pending": n}``, such as a sink with receipts to push.
    """

    def __init__(self, http: httpx.AsyncClient, urls: Sequence[str], token: str, *, watch: Sequence[str] = (),
                 patience: float = 60) -> None:  # fmt: skip
        self._http = http
        self._urls = urls
        self._watch = watch
        self._headers = {"authorization": f"Bearer {token}"}
        self._patience = patience

    async def now(self) -> datetime:
        """The latest instant of the services; after ``to`` they all have it."""
        return _latest(await self._states())

    async def to(self, target: datetime) -> int:
        """Go to ``target`` through every due instant on the way; gives the number of stops."""
        stops, states = 1, await self.settle()
        while (due := _earliest(states)) is not None and due <= target:
            states = await self._stop_at(max(due, _latest(states)))
            stops += 1
        await self._stop_at(target)
        return stops

    async def next_due(self) -> datetime | None:
        """The earliest instant at which a service has something to do."""
        return _earliest(await self.settle())

    async def _stop_at(self, instant: datetime) -> Sequence[State]:
        await asyncio.gather(*[self._post(url, instant) for url in self._urls])
        return await self.settle()

    async def settle(self) -> Sequence[State]:
        """Wait until nothing is under way and nothing is due at the present instant; gives how the services then are."""
        deadline = time.monotonic() + self._patience
        quiet = 0
        while True:
            states = await self._states()
            pending = [await self._pending(url) for url in self._watch]
            quiet = quiet + 1 if all(_at_rest(s) for s in states) and not any(pending) else 0
            if quiet == QUIET_ROUNDS:
                return states
            if time.monotonic() > deadline:
                raise Stuck(str(dict(zip(self._urls, states, strict=True))))
            if not quiet:
                await self._run_due(states)
            await asyncio.sleep(PAUSE)  # what one service has just sent, another counts a moment later

    async def _run_due(self, states: Sequence[State]) -> None:
        for url, state in zip(self._urls, states, strict=True):
            if _is_due(state):
                await self._post(url, datetime.fromisoformat(state["now"]))

    async def _states(self) -> list[State]:
        return list(await asyncio.gather(*[self._get(url) for url in self._urls]))

    async def _get(self, url: str) -> State:
        answer = await self._http.get(f"{url}/_time", headers=self._headers)
        state: State = answer.raise_for_status().json()
        return state

    async def _pending(self, url: str) -> int:
        pending: int = (await self._http.get(url)).raise_for_status().json()["pending"]
        return pending

    async def _post(self, url: str, instant: datetime) -> None:
        """Step one service; asked again while it answers 5xx, as a tick would be tried again."""
        deadline = time.monotonic() + self._patience
        while True:
            body = {"to": instant.isoformat()}
            answer = await self._http.post(f"{url}/_time", json=body, headers=self._headers, timeout=self._patience)
            if not answer.is_server_error:
                answer.raise_for_status()
                return
            if time.monotonic() > deadline:
                raise Stuck(f"{url} answers {answer.status_code}")
            await asyncio.sleep(PAUSE)


def _latest(states: Sequence[State]) -> datetime:
    return max(datetime.fromisoformat(s["now"]) for s in states)


def _earliest(states: Sequence[State]) -> datetime | None:
    return min((datetime.fromisoformat(s["next_due"]) for s in states if s["next_due"]), default=None)


def _at_rest(state: State) -> bool:
    return not state["outbox"] and not state["behind"] and not _is_due(state)


def _is_due(state: State) -> bool:
    return state["next_due"] is not None and datetime.fromisoformat(state["next_due"]) <= datetime.fromisoformat(
        state["now"]
    )
