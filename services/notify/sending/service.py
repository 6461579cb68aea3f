"""The dispatcher: sends what is due. Attempt written before the call; a call without an answer is a doubt, not a retry."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import uuid4

import structlog

from services.notify.channels.service import Channel, Draft
from services.notify.contacts.domain import Sandbox, address_of
from services.notify.contacts.service import Contacts, Unreachable
from services.notify.facts.store import Policies
from services.notify.scenes import store as scenes
from services.notify.scenes.service import asks, scene
from services.notify.sending import store
from services.notify.sending.domain import Claimed, Outcome, Result, waits_until
from services.notify.sending.store import Answer, Written
from services.notify.wording.domain import Scene
from shared.crashpoint import reach
from shared.db import Database
from shared.problems import PASSING

log = structlog.get_logger()
PAUSE: Final = 0.2  # s, before a database that was busy is asked again


@dataclass(frozen=True)
class Pace:
    """Machine-clock seconds of a lease, and rows per claim. A lease outlives the time-out of any call."""

    lease: float
    at_once: int


@dataclass(frozen=True)
class Dispatcher:
    """Sends due rows on all channels; any number of dispatchers may run side by side. ``count`` hears of each call's result."""

    db: Database
    policies: Policies
    contacts: Contacts
    sandbox: Sandbox
    channels: Sequence[Channel]
    pace: Pace
    wake: Callable[[], None]
    count: Callable[[str, Result], None]

    async def run(self, now: datetime) -> int:
        """Send the next of what is due at a business instant, on all channels at once; gives how many rows left the queue."""
        async with self.db.background() as con:
            done = await store.housekeep(con, now)
        sent = await asyncio.gather(*[self._on(channel, now) for channel in self.channels], return_exceptions=True)
        failed = [each for each in sent if isinstance(each, BaseException)]
        for each in failed[1:]:
            log.error("another channel failed as well", exc_info=each)
        if failed:  # only now: it does not cut off the calls of another channel
            raise failed[0]
        return done + sum(each for each in sent if isinstance(each, int))

    async def _on(self, channel: Channel, now: datetime) -> int:
        async with channel.lines():
            return await self._batch(channel, now)

    async def _batch(self, channel: Channel, now: datetime) -> int:
        """One claim; gives how many rows were dealt with. 0 = nothing is due, or enrolment does not answer."""
        token, until = str(uuid4()), time.monotonic() + self.pace.lease / 2
        async with self.db.background() as con:
            rows = await store.claim(con, channel.name, now, token, self.pace.lease, self.pace.at_once)
        if not rows:
            return 0
        try:
            drafts = await self._prepare(channel, rows, token, now)
        except Unreachable as error:
            log.warning("contacts unreachable, reminders wait", cause=str(error), rows=len(rows))
            await self._release(token, [r.message_id for r in rows])
            return 0
        for i in range(0, len(drafts), channel.group):
            if time.monotonic() > until:
                await self._release(token, [d.message_id for d in drafts[i:]])
                break
            await self._send(channel, drafts[i : i + channel.group], token, now)
        self.wake()
        return len(rows)

    async def _prepare(self, channel: Channel, rows: Sequence[Claimed], token: str, now: datetime) -> list[Draft]:
        """Drafts of the rows that can go out now; the others are postponed, withdrawn or unreachable."""
        async with self.db.system() as con:
            known = await scenes.load(con, rows, self.policies)
        later = {r.message_id: at for r in rows if (at := waits_until(now, known.programmes[r.policy_key].policy))}
        ready = [r for r in rows if r.message_id not in later]
        book = await self.contacts.of(*asks(ready, known))
        drafts, reasons = [], {}
        for row in ready:
            address, reason = address_of(book.of(row.recipient_kind, row.recipient_id), channel.name, self.sandbox)
            draft = _draft(channel, row, partial(scene, row, known, book, now), address) if address else None
            if draft:
                drafts.append(draft)
            else:
                reasons[row.message_id] = "not_worded" if address else reason or "no_address"
        await self._set_aside(token, later, reasons, now)
        return drafts

    async def _set_aside(
        self, token: str, later: Mapping[str, datetime], reasons: Mapping[str, str], now: datetime
    ) -> None:
        if later or reasons:
            async with self.db.background() as con:
                await store.postpone(con, token, later)
                await store.unreachable(con, token, reasons, now)

    async def _send(self, channel: Channel, drafts: Sequence[Draft], token: str, now: datetime) -> None:
        written = [Written(d.message_id, d.attempt_id, d.shown, d.title, d.body, d.parts) for d in drafts]
        async with self.db.background() as con:
            passed = await store.look(con, token, written, now, self.pace.lease)
            held = [d.message_id for d in drafts if d.attempt_id not in passed]
            await store.give_back(con, token, held, now)
        reach("dispatch.attempt_written")
        answers = await asyncio.gather(*[self._call(channel, d) for d in drafts if d.attempt_id in passed])
        await self._note(answers, now)

    async def _note(self, answers: Sequence[Answer], now: datetime) -> None:
        """Write what came back, also where a planner holds the rows for a while: what is not noted becomes a doubt."""
        until = time.monotonic() + self.pace.lease / 2
        while True:
            try:
                async with self.db.background() as con:
                    await store.answer(con, answers, now)
            except PASSING as error:
                if time.monotonic() > until:
                    raise
                log.warning("answers wait", cause=type(error).__name__, answers=len(answers))
                await asyncio.sleep(PAUSE)
            else:
                return

    async def _call(self, channel: Channel, draft: Draft) -> Answer:
        try:
            outcome = await channel.call(draft)
        except Exception as error:  # a mistake of ours in the middle of a call leaves it open what went out
            log.exception("call failed", channel=channel.name, attempt=draft.attempt_id)
            outcome = Outcome("in_doubt", type(error).__name__)
        self.count(channel.name, outcome.result)
        reach("dispatch.answered")
        return Answer(draft.message_id, draft.attempt_id, draft.tries, outcome)

    async def _release(self, token: str, message_ids: Sequence[str]) -> None:
        async with self.db.background() as con:
            await store.release(con, token, message_ids)


def _draft(channel: Channel, row: Claimed, scene: Callable[[], Scene], address: str) -> Draft | None:
    """What would go out; None when there are no words for it, which must not hold up the others."""
    try:
        return channel.draft(row, scene(), address)
    except Exception:
        log.exception("no words", message=row.message_id, kind=row.kind, policy=row.policy_key)
        return None
