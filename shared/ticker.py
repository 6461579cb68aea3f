"""Jobs: idempotent sweeps. APScheduler ticks them and holds no state; the stepper calls them at its instants."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from shared.clock import Clock

log = structlog.get_logger()
BUDGET: Final = 10.0  # s, of machine time
SOON: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A sweep: ``run(now)`` does what is due at the business instant, or a portion of it; gives how many things it did.

    ``next_due`` is the next business instant at which there is something to do, or None. A job without a business
    instant of its own (an import to work off) leaves it out.
    """

    name: str
    every: timedelta
    run: Callable[[datetime], Awaitable[int]]
    next_due: Callable[[], Awaitable[datetime | None]] | None = None


class Ticker:
    """Ticks the jobs of one process. A job that fails is logged and ticked again; its work is still in the table."""

    def __init__(self, jobs: Sequence[Job], clock: Clock) -> None:
        self._jobs = {j.name: j for j in jobs}
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1,
                                                                         "misfire_grace_time": None})  # fmt: skip

    def start(self) -> None:
        """Begin to tick; a job of every hour too comes soon, or a process that never lives so long would never do it."""
        now = datetime.now(UTC)
        for job in self._jobs.values():
            self._scheduler.add_job(self._tick, "interval", args=[job], id=job.name, seconds=job.every.total_seconds(),
                                    next_run_time=now + min(job.every, SOON))  # fmt: skip
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)

    def kick(self, name: str) -> None:
        """Tick a job at once."""
        self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    async def _tick(self, job: Job) -> None:
        try:
            while await job.run(await self._clock.now()):
                pass  # what is due comes in portions
        except Exception:
            log.exception("job failed", job=job.name)


async def run_due(jobs: Sequence[Job], now: datetime) -> int:
    """Run the jobs until none does anything more at ``now``, or for a while; gives how many things were done.

    Who asked sees by ``next_due`` whether there is more, and asks again: thousands of messages take longer than a request.
    """
    until = time.monotonic() + BUDGET
    total = 0
    while (done := sum([await job.run(now) for job in jobs])) and time.monotonic() < until:
        total += done
    return total + done


async def next_due(jobs: Sequence[Job]) -> datetime | None:
    """The earliest next instant of the jobs."""
    instants = [await job.next_due() for job in jobs if job.next_due]
    return min((i for i in instants if i is not None), default=None)
