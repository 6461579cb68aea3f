"""Tells failures of the surroundings, which pass, from failures of an event, which stay."""

from typing import Final

import asyncpg

from shared.consumer.records import clean
from shared.db import Connection

_PASSING: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidCachedStatementError,
    ConnectionError,
    TimeoutError,
)
TOO_SLOW: Final = (TimeoutError, asyncpg.QueryCanceledError)  # passes, unless it is always the same event


class EffectFailed(Exception):  # noqa: N818  (says what happened)
    """An effect refused an event, or a batch with such an event in it."""


def passes(error: BaseException, con: Connection) -> bool:
    """Whether it makes sense to try the same again: the database or the network failed, not the event.

    A missing file or a wrong argument is the event's fault, though Python and asyncpg give them near relatives of
    connection errors.
    """
    return isinstance(error, _PASSING) or bool(con.is_closed())


def describe(error: BaseException) -> str:
    """What went wrong, as it stands in ``parked``."""
    said = str(error) or ("it took too long" if isinstance(error, TimeoutError) else "")
    return clean(f"{type(error).__name__}: {said}")
