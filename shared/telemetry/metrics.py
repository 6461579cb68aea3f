"""Prometheus metrics of a service: what the process counts, and what its database tells at each scrape."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.db import Database, load_queries

log = structlog.get_logger()
Q = load_queries(__file__)
PATIENCE: Final = 5.0  # s; half of what Prometheus waits for an answer
Measure = Callable[[], Awaitable[Mapping[str, float]]]


class Metrics:
    """The registry of one process. ``measures`` give gauges by name when somebody asks."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        labels = {"service": service}
        self._service = labels
        self.requests = Counter("shipei_http_requests", "Answered requests", ["service", "route", "status"],
                                registry=self.registry)  # fmt: skip
        self.seconds = Histogram("shipei_http_seconds", "Seconds to answer", ["service", "route"],
                                 registry=self.registry)  # fmt: skip
        self._failed = Gauge("shipei_measures_failed", "Sources of gauges that gave no answer at this scrape", ["service"],
                             registry=self.registry)  # fmt: skip
        self._gauges: dict[str, Gauge] = {}
        self._measures: list[Measure] = []

    def add(self, measure: Measure) -> None:
        """Register a source of gauges, asked at each scrape."""
        self._measures.append(measure)

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests.labels(**self._service, route=route, status=status).inc()
        self.seconds.labels(**self._service, route=route).observe(seconds)

    def counter(self, name: str, about: str, **values: Sequence[str]) -> Callable[..., None]:
        """A counter of the service's own, with each label's possible values; gives what adds one: ``add(label="value")``.

        All of them begin at 0, or the first one of its kind would be no increase.
        """
        counter = Counter(f"shipei_{name}", about, ["service", *values], registry=self.registry)
        for each in product(*values.values()):
            counter.labels(**self._service, **dict(zip(values, each, strict=True)))
        return lambda **labels: counter.labels(**self._service, **labels).inc()

    async def exposition(self) -> bytes:
        """The text that Prometheus reads. A source that fails leaves its own gauges out, no others, and is counted."""
        answers = await asyncio.gather(*[_ask(measure) for measure in self._measures])
        for gauge in self._gauges.values():
            gauge.clear()
        for name, value in (pair for answer in answers if answer is not None for pair in answer.items()):
            self._gauge(name).labels(**self._service).set(value)
        self._failed.labels(**self._service).set(answers.count(None))
        text: bytes = generate_latest(self.registry)
        return text

    def _gauge(self, name: str) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(f"shipei_{name}", name.replace("_", " "), ["service"], registry=self.registry)
        return self._gauges[name]


async def _ask(measure: Measure) -> Mapping[str, float] | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await measure()
    except Exception:  # with Kafka away the outbox's age must still be told: that is when it matters
        log.exception("not measured")
        return None


async def columns(db: Database, query: str, *arguments: object) -> dict[str, float]:
    """Gauges out of a query's only row, named like its columns."""
    async with db.system() as con:
        row = await con.fetchrow(query, *arguments)
    return {name: float(value) for name, value in row.items()}


async def plumbing(db: Database) -> dict[str, float]:
    """Outbox depth and age (s), parked messages, the database's size (bytes): the same for every service."""
    return await columns(db, Q.plumbing)


async def disk() -> dict[str, float]:
    """The disk of the process's working folder (bytes): on one machine it is PostgreSQL's and Kafka's as well."""
    usage = await asyncio.to_thread(shutil.disk_usage, Path.cwd())
    return {"disk_bytes": float(usage.total), "disk_free_bytes": float(usage.free)}
