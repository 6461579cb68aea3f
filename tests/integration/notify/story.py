"""Notify and the sink as processes: a class whose first reminder is out and that has moved. Synthetic data."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx

from deploy.local.stack import Stack
from services.notify import subscribers
from shared.client import client
from shared.db import Database
from shared.events import Event
from tests.integration.notify.ground import (
    assigned,
    at,
    enrolment,
    moved,
    opened,
    published,
    scheduled,
    selected,
    units,
)
from tests.support.served import served
from tests.support.stack import RunService, stepper
from tests.support.streams import Streams, feed


@dataclass
class Running:
    """Notify and the sink, with a class whose first reminder is out and that has moved."""

    stack: Stack
    http: httpx.AsyncClient

    async def step(self, month: int, day: int, hour: int = 9) -> None:
        """Until every call has its answer and the sink has handed over its receipts."""
        await stepper(self.http, self.stack, "notify").to(at(month, day, hour))

    async def behave(self, **behaviour: object) -> None:
        (await self.http.post(f"{self.stack.sink}/sink/behaviour", json=behaviour)).raise_for_status()


@asynccontextmanager
async def told(run_service: RunService, *more: str) -> AsyncIterator[Running]:
    """One mail of the change is in doubt, one SMS could not be delivered."""
    contacts = enrolment(10)
    async with served(contacts) as url, client(5) as http:
        stack = await run_service("notify", "sink", *more, start=at(7, 20), SHIPEI_ENROLMENT_URL=url, SHIPEI_GATEWAY_URL=url,
                                  SHIPEI_CALL_SECONDS="2")  # fmt: skip
        contacts.state.token = stack.service_token
        dsns, streams = stack.dsns["notify"], Streams()
        running = Running(stack, http)
        async with Database(dsns.writer, dsns.reader) as db:
            past: list[tuple[datetime, list[Event]]] = [
                (at(7, 16), [*units(), published()]),
                (at(7, 20), [selected(i) for i in range(4)]),
            ]
            past += [(at(8, 2), [scheduled(), *[assigned(i) for i in range(4)]]), (at(8, 6), [opened()])]
            for now, events in past:
                await feed(db, subscribers.effect(None), [[streams.add(x, now) for x in events]])  # type: ignore[arg-type]  # it asks the runtime nothing
                await running.step(now.month, now.day, 11)
            await running.step(8, 16)
            await running.behave(channel="email", mode="late_answer", seconds=4, count=1, to="t1@example.invalid")
            await running.behave(channel="sms", mode="fail_receipt", count=1, to="13900000002")
            await feed(db, subscribers.effect(None), [[streams.add(moved(), at(8, 17, 10))]])  # type: ignore[arg-type]  # it asks the runtime nothing
            await running.step(8, 17, 10)
            await running.step(8, 17, 11)
        yield running
