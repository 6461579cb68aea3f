"""Moves committed events from the outbox to Kafka: one leader per database, at least once, in order per key."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from typing import Final, Self

import asyncpg
import structlog

from shared.crashpoint import reach
from shared.db import Connection, load_queries, session_settings
from shared.sender import Sender

log = structlog.get_logger()
Q = load_queries(__file__, "relay.sql")
LEADER_LOCK: Final = 0x5265_6C61_79  # an arbitrary number; advisory locks are per database
LEAD_POLL: Final = 1.0  # s between attempts to become the leader
MAX_BACK_OFF: Final = 5.0  # s


class Relay:
    """The relay of one process. Enter it to start; ``wake`` after each commit that wrote events.

    Leadership is a session lock of the connection that also selects and deletes, so losing the connection loses the lead.
    Whatever fails, rows stay until Kafka has acknowledged them; sending some of them again is harmless.

    ``page`` rows a round; ``patience`` s for a round's acknowledgements; ``poll`` s between looks for rows of other
    processes; ``window`` s is the least time between two rounds, so that a burst makes few of them.
    """

    def __init__(
        self, dsn: str, kafka: str, prefix: str = "", name: str = "", *, page: int = 1000, patience: float = 20.0,
        poll: float = 0.5, window: float = 0.01,
    ) -> None:  # fmt: skip
        self._dsn, self._kafka, self._prefix, self._name = dsn, kafka, prefix, name
        self._page, self._patience, self._poll, self._window = page, patience, poll, window
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._last_round = 0.0
        self.leading = False
        self.sent = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"relay {self._name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Send what is there, then stop; gives up after ``patience``."""
        self._stopping.set()
        self._woken.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._patience)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """A transaction with events has committed in this process."""
        self._woken.set()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._serve()
            except (Exception, asyncio.CancelledError):
                if self._is_cancelled():
                    raise
                self._failures += 1
                log.exception("relay failed, its rows stay", service=self._name, failures=self._failures)
                await self._pause(min(MAX_BACK_OFF, 0.1 * 2.0 ** min(self._failures, 10)))

    def _is_cancelled(self) -> bool:
        """Whether it is this task that was cancelled; aiokafka also lets the cancelling of tasks of its own through."""
        return self._task is not None and self._task.cancelling() > 0

    async def _serve(self) -> None:
        """One connection's life: wait for the lead, then send until stopped or broken."""
        async with AsyncExitStack() as stack:
            con = await asyncpg.connect(
                self._dsn, timeout=10, command_timeout=30, server_settings=session_settings("relay", 2)
            )
            stack.callback(con.terminate)
            stack.callback(self._lose_lead)
            if not await self._wait_for_lead(con):
                return
            sender = Sender(self._kafka, self._prefix)
            stack.push_async_callback(sender.drop)
            await sender.start()
            await self._lead(con, sender)

    async def _wait_for_lead(self, con: Connection) -> bool:
        while not await con.fetchval(Q.try_lead, LEADER_LOCK):
            await self._pause(LEAD_POLL)
            if self._stopping.is_set():
                return False
        self.leading = True
        log.info("relay leads", service=self._name)
        return True

    def _lose_lead(self) -> None:
        self.leading = False

    async def _lead(self, con: Connection, sender: Sender) -> None:
        while True:
            full = await self._round(con, sender)
            self._failures = 0
            if not full and self._stopping.is_set():
                return
            if not full:
                await self._rest()

    async def _round(self, con: Connection, sender: Sender) -> bool:
        """Select, send, delete on one connection; True when there may be more."""
        rows = await con.fetch(Q.page, self._page)
        self._last_round = time.monotonic()
        if rows:
            async with asyncio.timeout(self._patience):
                await sender.send(rows)
            reach("relay.acked")
            await con.execute(Q.forget, [r["seq"] for r in rows])
            self.sent += len(rows)
        return len(rows) == self._page

    async def _rest(self) -> None:
        """Until woken or until the next look, but never two rounds within a window."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._poll)
        await self._pause(self._last_round + self._window - time.monotonic())
        self._woken.clear()

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)
