"""The business clock: what "today" means for deadlines, due times and validity. Time-outs never use it."""

from datetime import UTC, datetime
from typing import ClassVar, Protocol

from shared.db import Connection, Database, load_queries

Q = load_queries(__file__, "clock.sql")


class Clock(Protocol):
    """Gives the business instant; ``con`` lets a command read it in its own transaction."""

    stepped: ClassVar[bool]

    async def now(self, con: Connection | None = None) -> datetime:
        """The business instant, with offset."""
        ...


class RealClock:
    """Business time is machine time."""

    stepped: ClassVar[bool] = False

    async def now(self, con: Connection | None = None) -> datetime:  # noqa: ARG002  (the protocol's argument)
        """The machine's instant, in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """Business time stands in the database until someone steps it, so it survives kill -9 and is the same for all replicas."""

    stepped: ClassVar[bool] = True

    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, start: datetime) -> None:
        """Set the first instant; a database that already has one keeps it."""
        async with self._db.write() as con:
            await con.execute(Q.begin, start)

    async def now(self, con: Connection | None = None) -> datetime:
        """The stored instant."""
        if con is not None:
            return await self._read(con)
        async with self._db.system() as own:
            return await self._read(own)

    async def step(self, to: datetime) -> datetime:
        """Move forward; a step back is ignored. Gives the instant that holds now."""
        async with self._db.write() as con:
            await con.execute(Q.step, to)
            return await self._read(con)

    async def _read(self, con: Connection) -> datetime:
        instant: datetime = await con.fetchval(Q.instant)
        return instant
