"""Sending 3,000 due reminders to a sender that does nothing: notify's dispatcher, its ledger alone, a bare lease table."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import uuid4

import asyncpg
import httpx

from bench.bare.leases import FILL, TABLE, dispatch
from bench.measure import Comparison, Findings, require, rounds
from bench.notices import DUE, NOW, PEOPLE, Known, tell
from bench.world import World, connected
from deploy.local.paths import ROOT
from services.notify.channels.service import Draft, SmsChannel, attempt_id
from services.notify.contacts.domain import Sandbox
from services.notify.facts.store import Policies
from services.notify.jobs import AT_ONCE
from services.notify.sending import store
from services.notify.sending.domain import Claimed, Outcome
from services.notify.sending.service import Dispatcher, Pace
from services.notify.sending.store import Answer, Written
from services.notify.sms.service import Gateway
from services.notify.wording.domain import Scene
from services.notify.wording.service import Writer
from shared.client import client
from shared.db import Database
from shared.texts import Texts

TEXTS = Texts.load(ROOT / "services" / "notify" / "texts.yaml")
LEASE = 30.0
SAVE = f"""
update reminder set state = 'accepted', queue_at = null, settled_at = due_at where queue_at <= $now and not ({DUE});
create table bench_saved as select * from reminder;
grant select on bench_saved to notify_writer;
"""
RESTORE = "truncate reminder, attempt, outbox; insert into reminder select * from bench_saved; analyze reminder"
SENT = """
select (select count(*) from reminder where state = 'accepted' and attempt_id is not null), (select count(*) from attempt where state = 'accepted'),
       (select count(*) from outbox)
"""


@dataclass(frozen=True)
class Silent:
    """The SMS channel up to the call, which does nothing."""

    name: ClassVar[str] = "sms"
    sms: SmsChannel
    group: int = 100

    def lines(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def draft(self, row: Claimed, scene: Scene, address: str) -> Draft:
        return self.sms.draft(row, scene, address)

    async def call(self, _: Draft) -> Outcome:
        return Outcome("accepted", None, "reference")


@dataclass
class Rig:
    """A ledger of a year with 3,000 rows that are due, restored before each case."""

    db: Database
    con: asyncpg.Connection
    owner: asyncpg.Connection
    http: httpx.AsyncClient
    policies: Policies = field(default_factory=Policies)

    async def dispatcher(self) -> float:
        """Rows per second of the dispatcher: claimed, told in words, looked at again, attempted, answered, published."""
        channel = Silent(SmsChannel(Writer(TEXTS), Gateway(self.http, "", 1)))
        pace, sandbox = Pace(LEASE, AT_ONCE), Sandbox(production=True, domains=(), phones=())
        contacts = Known(self.http, "", "", {})
        sender = Dispatcher(self.db, self.policies, contacts, sandbox, (channel,), pace, lambda: None, lambda *_: None)

        async def send() -> None:
            while await sender.run(NOW):
                pass

        return await self._ours(send)

    async def ledger(self) -> float:
        """Rows per second of the ledger's own steps, without words and contacts."""

        async def send() -> None:
            while await self._group():
                pass

        return await self._ours(send)

    async def _group(self) -> int:
        token = str(uuid4())
        async with self.db.background() as con:
            rows = await store.claim(con, "sms", NOW, token, LEASE, AT_ONCE)
        if rows:
            await self._attempt(rows, token)
        return len(rows)

    async def _attempt(self, rows: Sequence[Claimed], token: str) -> None:
        written = [Written(r.message_id, attempt_id(r), "139****0000", None, "b" * 100, 1) for r in rows]
        async with self.db.background() as con:
            passed = await store.look(con, token, written, NOW, LEASE)
        answers = [
            Answer(w.message_id, w.attempt_id, 1, Outcome("accepted")) for w in written if w.attempt_id in passed
        ]
        async with self.db.background() as con:
            await store.answer(con, answers, NOW)

    async def _ours(self, send: Callable[[], Awaitable[None]]) -> float:
        await self.owner.execute(RESTORE)
        started = time.perf_counter()
        await send()
        seconds = time.perf_counter() - started
        require(tuple(await self.con.fetchrow(SENT)), (PEOPLE,) * 3, "reminders sent, attempts, events")
        return PEOPLE / seconds

    async def bare(self) -> float:
        """Rows per second of the lease table."""
        await self.owner.execute(FILL)
        started = time.perf_counter()
        sent = await dispatch(self.con, NOW, _nothing)
        seconds = time.perf_counter() - started
        require(sent, PEOPLE, "reminders sent by the bare version")
        return PEOPLE / seconds


async def _nothing(_person: str, _body: str) -> None:
    """The sender that does nothing."""


@asynccontextmanager
async def make_rig(world: World) -> AsyncIterator[Rig]:
    dsns = await world.database("notify")
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database(dsns.writer, dsns.reader))
        con, owner = [await stack.enter_async_context(connected(d)) for d in (dsns.writer, dsns.owner)]
        http = await stack.enter_async_context(client(5))
        await tell(db)
        await owner.execute(SAVE.replace("$now", f"'{NOW.isoformat()}'") + TABLE)
        due = await con.fetchval("select count(*) from bench_saved where queue_at <= $1", NOW)
        require(due, PEOPLE, "reminders that are due")
        yield Rig(db, con, owner, http)


async def run(world: World) -> Findings:
    """The suite."""
    async with make_rig(world) as rig:
        figures = await rounds({"dispatcher": rig.dispatcher, "ledger": rig.ledger, "bare": rig.bare})
    return Findings(
        [
            Comparison("reminders-dispatcher", "rows/s", figures["dispatcher"], figures["bare"], 0.5),
            Comparison("reminders-ledger", "rows/s", figures["ledger"], figures["bare"], None),
        ]
    )
