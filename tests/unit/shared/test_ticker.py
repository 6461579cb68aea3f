"""When jobs are ticked for the first time."""

from datetime import UTC, datetime, timedelta

from shared.clock import RealClock
from shared.ticker import Job, Ticker


async def nothing(_: datetime) -> int:
    return 0


async def test_a_job_of_every_hour_comes_a_minute_after_the_start_and_one_of_every_second_after_a_second() -> None:
    """A process that is restarted every half hour would never forget an answer otherwise."""
    ticker = Ticker([Job(f"{s}", timedelta(seconds=s), nothing) for s in (1, 3600)], RealClock())
    began = datetime.now(UTC)
    ticker.start()
    first = {job.id: (job.next_run_time - began).total_seconds() for job in ticker._scheduler.get_jobs()}
    ticker.stop()
    assert 1 <= first["1"] < 20
    assert 60 <= first["3600"] < 80
