"""PostgreSQL: the pools of one process, and the SQL of a feature by name."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeAlias

import asyncpg
import msgspec

Connection: TypeAlias = asyncpg.Connection
ACQUIRE_SECONDS: Final = 10.0
BACKGROUND_ACQUIRE_SECONDS: Final = 3.0
_BLOCK: Final = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


class Scoped(Protocol):
    """Who reads: ``scope`` is a comma-separated list of ``unit:<path prefix>`` and ``person:<id>``."""

    @property
    def scope(self) -> str: ...


class Database:
    """The pools of one service process. Enter it before use; every method opens one transaction.

    Three pools, so that a burst of commands can't keep the consumer or a sweep from its connection: ``write`` (commands),
    ``background`` (consumer, dispatcher, sweeps; gives up on a lock after 2 s) and the reader role's.
    Sizes are maxima; connections are opened when needed.
    """

    def __init__(
        self, writer_dsn: str, reader_dsn: str, *, writers: int = 8, background: int = 4, readers: int = 4
    ) -> None:
        self._plans = {
            "write": _pool(writer_dsn, "write", writers, lock_seconds=10),
            "background": _pool(writer_dsn, "background", background, lock_seconds=2),
            "read": _pool(reader_dsn, "read", readers, lock_seconds=2),
        }
        self._pools: dict[str, asyncpg.Pool] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for name, plan in self._plans.items():
                self._pools[name] = await stack.enter_async_context(plan)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def write(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction of a command, as the writer role."""
        return self._transaction("write", ACQUIRE_SECONDS)

    def background(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction of the consumer, the dispatcher or a sweep, as the writer role."""
        return self._transaction("background", BACKGROUND_ACQUIRE_SECONDS)

    def system(self) -> AbstractAsyncContextManager[Connection]:
        """A read-only transaction over everything, one snapshot: rankings, metrics, due times. Not for person pages."""
        return self._transaction("background", ACQUIRE_SECONDS, readonly=True, isolation="repeatable_read")

    @asynccontextmanager
    async def read(self, principal: Scoped) -> AsyncIterator[Connection]:
        """A read-only transaction, as the reader role, under row-level security in the principal's scope."""
        async with self._transaction("read", ACQUIRE_SECONDS, readonly=True) as con:
            await con.execute("select set_config('app.scope', $1, true)", principal.scope)
            yield con

    @asynccontextmanager
    async def _transaction(self, pool: str, patience: float, **options: object) -> AsyncIterator[Connection]:
        async with self._pools[pool].acquire(timeout=patience) as con, con.transaction(**options):
            yield con


def _pool(dsn: str, name: str, size: int, lock_seconds: int) -> asyncpg.Pool:
    return asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=use_json,
        command_timeout=35,
        server_settings=session_settings(name, lock_seconds),
    )


def session_settings(name: str, lock_seconds: int) -> Mapping[str, str]:
    """What every session of a service sets: its name, UTC, and bounds on waiting and on holding locks while doing nothing."""
    return {
        "application_name": f"shipei {name}",
        "timezone": "UTC",
        "lock_timeout": f"{lock_seconds}s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "15s",  # a starved process was seen to pause for 5
    }


async def use_json(con: Connection) -> None:
    """Read and write ``json`` and ``jsonb`` as Python values."""
    for kind in ("json", "jsonb"):
        await con.set_type_codec(kind, schema="pg_catalog", encoder=_dump, decoder=msgspec.json.decode, format="text")


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class Queries:
    """The statements of one ``.sql`` file; ``Q.some_name`` is the text under ``-- name: some_name``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        head, *parts = _BLOCK.split(path.read_text("utf-8"))
        names: list[str] = parts[::2]
        bodies: list[str] = [b.strip() for b in parts[1::2]]
        if len(set(names)) != len(names) or not all(bodies) or _statements(head):
            raise ValueError(f"{path}: needs '-- name: x' before each statement, each name once, none empty")
        self._texts = dict(zip(names, bodies, strict=True))

    def __getattr__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise AttributeError(f"{self._path} has no query {name!r}") from None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._texts.items())


def _statements(text: str) -> bool:
    return any(line.strip() and not line.startswith("--") for line in text.splitlines())


def load_queries(file: str, name: str = "queries.sql") -> Queries:
    """The queries that lie beside a module. Errors: FileNotFoundError, ValueError."""
    return Queries(Path(file).with_name(name))
