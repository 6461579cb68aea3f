"""Prometheus metrics of a service: what the process counts, and what its database tells at each scrape."""

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.db import Database, load_queries

Q = load_queries(__file__)
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
        self._gauges: dict[str, Gauge] = {}
        self._measures: list[Measure] = []

    def add(self, measure: Measure) -> None:
        """Register a source of gauges, asked at each scrape."""
        self._measures.append(measure)

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests.labels(**self._service, route=route, status=status).inc()
        self.seconds.labels(**self._service, route=route).observe(seconds)

    async def exposition(self) -> bytes:
        """The text that Prometheus reads."""
        for measure in self._measures:
            for name, value in (await measure()).items():
                self._gauge(name).labels(**self._service).set(value)
        text: bytes = generate_latest(self.registry)
        return text

    def _gauge(self, name: str) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(f"shipei_{name}", name.replace("_", " "), ["service"], registry=self.registry)
        return self._gauges[name]


async def plumbing(db: Database) -> dict[str, float]:
    """Outbox depth and age (s), parked messages: the same for every service."""
    async with db.system() as con:
        row = await con.fetchrow(Q.plumbing)
    return {"outbox_depth": row["depth"], "outbox_age_seconds": row["age"], "parked": row["parked"]}
