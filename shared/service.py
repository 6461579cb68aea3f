"""Puts a service together: pools, clock, relay, consumer, jobs and routes, started and stopped in the right order."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared import plumbing
from shared.client import client
from shared.clock import Clock, RealClock, SteppedClock
from shared.consumer import Consumer, Effect
from shared.db import Database
from shared.http import forget_answers
from shared.middleware import Frame, SameSite
from shared.problems import (
    PASSING,
    Problem,
    answer_busy,
    answer_failure,
    answer_invalid,
    answer_problem,
    answer_unserved,
    answer_unusable,
)
from shared.relay import Relay
from shared.runtime import Runtime
from shared.settings import Settings
from shared.subscriber import Subscription
from shared.telemetry.metrics import Measure, Metrics, disk
from shared.telemetry.metrics import plumbing as measure_plumbing
from shared.texts import Texts
from shared.ticker import Job, Ticker

MAX_BODY = 21 * 1024 * 1024  # bytes: a file of 20 MB and the form around it
COUNTED = ("applied", "unknown", "duplicates", "strays")  # events since the process began
Measures = Callable[[Runtime], Measure]


@dataclass(frozen=True)
class Service:
    """What distinguishes one service from another. ``package`` is its folder."""

    name: str
    package: Path
    settings: type[Settings]
    routers: Sequence[APIRouter]
    topics: Sequence[str] = ()
    effect: Callable[[Runtime], Effect] | None = None
    jobs: Callable[[Runtime], Sequence[Job]] = lambda _: ()
    measures: Measures | None = None


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The ASGI application of one service process."""
    metrics = Metrics(service.name)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.runtime = await start(service, settings, metrics, stack)
            yield

    app = FastAPI(title=f"Shipei {service.name}", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, max_body_size=MAX_BODY,
                  openapi_url=f"/{service.name}/openapi.json",
                  exception_handlers={Problem: answer_problem, RequestValidationError: answer_invalid,
                                      HTTPException: answer_unserved, asyncpg.DataError: answer_unusable, Exception: answer_failure, **dict.fromkeys(PASSING, answer_busy)})  # fmt: skip
    app.state.service = service
    for router in (plumbing.router, *service.routers):
        app.include_router(router, prefix=f"/{service.name}")
    app.add_middleware(SameSite)
    app.add_middleware(Frame, metrics=metrics)
    return app


async def start(service: Service, settings: Settings, metrics: Metrics, stack: AsyncExitStack) -> Runtime:
    """Start the parts; the stack stops them in reverse: ticker, consumer, relay, pools."""
    runtime = await assemble(service, settings, metrics, stack)
    await stack.enter_async_context(runtime.relay)
    if runtime.consumer is not None:
        await stack.enter_async_context(Subscription(runtime.consumer, settings))
    runtime.jobs = (*service.jobs(runtime), Job("forget", timedelta(hours=1), partial(forget_answers, runtime.db)))
    ticker = Ticker(runtime.jobs, runtime.clock)
    runtime.kick = ticker.kick
    ticker.start()
    stack.callback(ticker.stop)
    _measure(service, runtime, metrics)
    return runtime


async def assemble(service: Service, settings: Settings, metrics: Metrics, stack: AsyncExitStack) -> Runtime:
    """The parts, with open pools; nothing sends, reads or ticks yet. A command line needs no more."""
    db = await stack.enter_async_context(Database(settings.dsn_writer, settings.dsn_reader))
    http = await stack.enter_async_context(client(10))
    relay = Relay(settings.dsn_writer, settings.kafka, settings.topic_prefix, service.name)
    texts = Texts.load(service.package / "texts.yaml")
    runtime = Runtime(service.name, settings, db, await _clock(settings, db), texts, http, relay, metrics)
    if service.effect is not None:
        runtime.consumer = Consumer(service.name, service.topics, db, service.effect(runtime), on_effect=runtime.wake)
    return runtime


async def _clock(settings: Settings, db: Database) -> Clock:
    if settings.clock == "real":
        return RealClock()
    if settings.clock_start is None:
        raise ValueError("SHIPEI_CLOCK=stepped needs SHIPEI_CLOCK_START")
    clock = SteppedClock(db)
    await clock.begin(settings.clock_start)
    return clock


def _measure(service: Service, runtime: Runtime, metrics: Metrics) -> None:
    metrics.add(lambda: measure_plumbing(runtime.db))
    if runtime.consumer is not None:
        metrics.add(partial(_counted, runtime.consumer))
        metrics.add(partial(_lag, runtime.consumer))
    metrics.add(disk)
    if service.measures is not None:
        metrics.add(service.measures(runtime))


async def _counted(consumer: Consumer) -> dict[str, float]:
    """What the process knows by itself, apart from the lag: with Kafka away it is told all the same."""
    counted = {f"consumer_{name}": float(consumer.counts[name]) for name in COUNTED}
    return {"consumer_alarms": float(consumer.alarms), "consumer_ready": float(consumer.ready), **counted}


async def _lag(consumer: Consumer) -> dict[str, float]:
    return {"consumer_behind": float(await consumer.behind()), "consumer_stuck_seconds": consumer.stuck_seconds}


def describe(service: Service) -> dict[str, Any]:
    """What the catalogue prints of a service."""
    return {"name": service.name, "topics": list(service.topics)}
