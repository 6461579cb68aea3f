"""What a running service process holds; built once by ``shared.service`` and handed to routes, jobs and effects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import Request

from shared.clock import Clock
from shared.db import Connection, Database
from shared.settings import Settings
from shared.texts import Texts

if TYPE_CHECKING:
    from shared.consumer import Consumer
    from shared.relay import Relay
    from shared.telemetry.metrics import Metrics
    from shared.ticker import Job


@dataclass
class Runtime:
    """The process's parts. ``consumer`` is None for a service that listens to nobody."""

    name: str
    settings: Settings
    db: Database
    clock: Clock
    texts: Texts
    http: httpx.AsyncClient
    relay: "Relay"
    metrics: "Metrics"
    consumer: "Consumer | None" = None
    jobs: "Sequence[Job]" = ()
    kick: Callable[[str], None] = field(default=lambda _: None)

    async def now(self, con: Connection | None = None) -> datetime:
        """The business instant."""
        return await self.clock.now(con)

    def wake(self) -> None:
        """Tell the relay that a transaction with events has committed."""
        self.relay.wake()


def get_runtime(request: Request) -> Runtime:
    """The runtime of the app that answers a request."""
    runtime: Any = request.app.state.runtime
    assert isinstance(runtime, Runtime)  # noqa: S101  (tells the type checker; set before the first request)
    return runtime
