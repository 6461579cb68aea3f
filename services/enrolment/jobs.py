"""Enrolment's sweeps. Each finds its work in a table, so any replica can do it and a crash loses none."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.enrolment.imports.service import Importer
from services.enrolment.imports.store import forget
from services.enrolment.people.store import Seal
from services.enrolment.settings import EnrolmentSettings
from shared.runtime import Runtime
from shared.ticker import Job


def jobs(runtime: Runtime) -> Sequence[Job]:
    """The sweeps of one process. ``imports`` is also ticked at once after an upload."""
    settings = runtime.settings
    if not isinstance(settings, EnrolmentSettings):
        raise TypeError("enrolment's jobs need enrolment's settings")
    importer = Importer(runtime, Seal(settings.seal_key.get_secret_value()))
    keeping = timedelta(days=settings.roster_days)

    async def forget_rosters(now: datetime) -> int:
        async with runtime.db.background() as con:
            return await forget(con, now - keeping)

    return (
        Job("imports", timedelta(seconds=2), importer.work_off, importer.next_due),
        Job("forget-rosters", timedelta(hours=1), forget_rosters),
    )
