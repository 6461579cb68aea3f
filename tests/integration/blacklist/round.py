"""The four services on databases of their own, joined without a broker: every event goes where it is listened to.

Enrolment selects, classes open, messages go to a sink whose receipts the test gives, cases come and go. Synthetic data.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import msgspec
from fastapi import FastAPI, Request

from services.blacklist import subscribers as blacklist
from services.blacklist.entries import service as deciding
from services.blacklist.entries import store as entry_store
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.overriding import Ask
from services.enrolment import subscribers as enrolment
from services.enrolment.places.service import Selection, select
from services.enrolment.programmes import service as programmes
from services.enrolment.programmes.domain import receiving_codes
from services.enrolment.quota import store as quota
from services.enrolment.units import service as units
from services.notify import subscribers as notify
from services.notify.receipts.service import Receipt, take
from services.reporting import subscribers as reporting
from services.reporting.league import service as league
from shared.auth import Grant, Principal
from shared.db import Database
from shared.envelope import Received, decode, decode_event
from shared.events.enrolment import QuotaAllocated
from shared.policy.lookup import project_of
from shared.runtime import Runtime
from tests.integration.blacklist.ground import frame, officer
from tests.integration.enrolment.classroom import Classroom
from tests.integration.enrolment.ground import CIVIL, SCHOOL, TEXTS, Ground, at, context, lay, policy
from tests.integration.notify import ground as notify_ground
from tests.support.databases import NewDatabase
from tests.support.served import served
from tests.support.streams import Effect, feed

CLOSED, TOLD = at(8, 27, 18), at(8, 28)
UNTIL, DECIDED = at(9, 12, 23, 59, 59), at(9, 28)
LISTENERS = {"enrolment": enrolment, "blacklist": blacklist, "notify": notify, "reporting": reporting}


def later(month: int, day: int, year: int = 2022) -> datetime:
    return datetime(year, month, day, 9, tzinfo=CIVIL)


@dataclass
class Phones:
    """Contacts as enrolment gives them to notify: everybody has a phone of their own that reaches nobody."""

    of: dict[str, str] = field(default_factory=dict)

    def phone(self, person_id: str) -> str:
        return self.of.setdefault(person_id, f"1390000{len(self.of):04d}")

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/enrolment/contacts/query")
        async def query(request: Request) -> dict[str, Any]:
            asked = await request.json()
            people = [
                {"person_id": p, "name": "陈测试", "email": None, "phone": self.phone(p)} for p in asked["people"]
            ]
            units = [{"unit_id": u, "name": "联系人", "email": f"{u}@example.invalid", "phone": "13900099001",
                      "unit": {"zh": "示例单位", "en": "Example unit"}} for u in asked["units"]]  # fmt: skip
            return {
                "people": people,
                "units": units,
                "classes": [{"class_id": c, "staff": []} for c in asked["classes"]],
            }

        return app


@dataclass
class Round:
    """One province; ``flow`` lets everything that happened be heard."""

    ground: Ground
    notify: notify_ground.Ground
    dbs: dict[str, Database]
    phones: Phones
    effects: dict[str, Effect]
    receipted: set[str] = field(default_factory=set)
    heard: list[Received] = field(default_factory=list)

    async def flow(self) -> None:
        """Move events from every outbox to whoever listens, until nobody has anything to say."""
        while moved := [r for db in self.dbs.values() for r in await taken(db)]:
            self.heard += moved
            for name, listener in LISTENERS.items():
                heard = [r for r in moved if r.topic in listener.TOPICS]
                if heard:
                    await feed(self.dbs[name], self.effects[name], [heard])

    async def send(self, now: datetime, *, unreached: Collection[str] = ()) -> None:
        """What is due goes out, and the gateway reports: delivered, but not to the ``unreached`` people."""
        await self.notify.send(now)
        lost = {self.phones.phone(p) for p in unreached}
        held = [m for m in await self.notify.received(channel="sms") if m["attempt_id"] not in self.receipted]
        self.receipted |= {m["attempt_id"] for m in held}
        reports = [Receipt(m["attempt_id"], m["to"] not in lost, "R", None) for m in held]
        async with self.notify.db.write() as con:
            await take(con, reports, now)
        await self.flow()

    async def told(self, person_id: str) -> list[str]:
        """The kinds of message that went to a person by SMS, each as often as it went."""
        rows = await self.notify.rows("recipient_id = $1 and channel = 'sms' and state in ('accepted', 'delivered')",
                                      person_id)  # fmt: skip
        return sorted(r["template"] for r in rows)

    async def recipients(self, template: str) -> set[str]:
        """Who got a message of a template, person or unit, on any channel."""
        rows = await self.notify.rows("template like $1 and state in ('accepted', 'delivered')", f"{template}-%")
        return {r["recipient_id"] for r in rows}

    async def entry(self, place_id: str) -> Entry | None:
        async with self.dbs["blacklist"].system() as con:
            found: list[dict[str, Any]] = await entry_store.page(con, None, None, 0, 50)
        return next((r["entry"] for r in found if r["entry"].place_id == place_id), None)

    async def must(self, place_id: str) -> Entry:
        found = await self.entry(place_id)
        assert found is not None
        return found

    async def confirm(self, place_id: str, who: str, now: datetime) -> dict[str, Any]:
        return await self.decide(deciding.confirm, place_id, who, now)

    async def decide(self, decision: Any, place_id: str, who: str, now: datetime) -> dict[str, Any]:
        entry, root = await self.must(place_id), self.ground.units["410000"].path
        async with self.dbs["blacklist"].write() as con:
            answer: dict[str, Any] = await decision(
                con, frame(now), officer(who, path=root), entry.entry_id, "情况属实"
            )
        await self.flow()
        return answer

    async def override(self, place_id: str, ask: Ask, now: datetime) -> dict[str, Any]:
        entry, root = await self.must(place_id), self.ground.units["410000"].path
        async with self.dbs["blacklist"].write() as con:
            answer = await deciding.override(con, frame(now), officer("zhao", path=root), entry.entry_id, ask)
        await self.flow()
        return answer

    async def banned(self, place_id: str, now: datetime) -> Entry:
        for who in ("li", "wang"):
            await self.confirm(place_id, who, now)
        return await self.must(place_id)

    async def banned_by(self, place_id: str, who: str, now: datetime) -> Entry:
        await self.confirm(place_id, who, now)
        return await self.must(place_id)

    async def appeal(self, room: Classroom, number: int, now: datetime) -> None:
        own = Principal("own", "own", (Grant("teacher", person_id=room.people[number]),))
        entry = await self.must(room.places[number])
        async with self.dbs["blacklist"].write() as con:
            await deciding.appeal(con, frame(now), own, entry.entry_id, "夜间暴雨（合成）")
        await self.flow()

    async def said(self) -> AsyncIterator[Any]:
        """Everything that was ever heard."""
        for received in self.heard:
            yield received.event

    async def publish(self, key: str, now: datetime, places: int = 1) -> None:
        """Another year of the policies, with places for the school in every cohort, as if its tables had come."""
        source, read = policy(key)
        province = self.ground.as_("province", "410000")
        asks = [
            units.ContactAsk(unit=c, name="示例联系人", email=f"{c}@example.invalid") for c in receiving_codes(read)
        ]
        async with self.ground.db.write() as con:
            await units.set_contacts(con, context(now), province, asks)
            await programmes.draft(con, context(now), province, read, source)
            await programmes.publish(con, context(now), province, key, TEXTS)
            year = await programmes.published(con, key)
            school = self.ground.units[SCHOOL]
            cells = [QuotaAllocated(
                cell_id=str(uuid4()), parent_cell_id=None, programme_id=year.programme_id, policy_key=key,
                project=project.key, cohort=cohort.key, unit_id=school.unit_id, unit_path=school.path, places=places)
                for project in read.projects for cohort in project.cohorts]  # fmt: skip
            await quota.insert_cells(con, context(now), cells)
        await self.flow()

    async def select(self, key: str, cohort: str, people: Sequence[str], now: datetime) -> dict[str, list[str]]:
        """Select people; gives the refusals' codes by person, none for who is in."""
        assert project_of(policy(key)[1], cohort)
        async with self.ground.db.write() as con:
            ask = Selection(programme=await programmes.published(con, key), cohort=cohort, person_ids=list(people))
            decision = await select(con, context(now), ask)
        await self.flow()
        return {p: [r.code for r in decision.refusals if r.key == p] for p in people}

    async def place_of(self, person_id: str, cohort: str) -> str:
        async with self.ground.db.system() as con:
            place_id: str = await con.fetchval(
                "select place_id from place where person_id = $1 and cohort = $2", person_id, cohort
            )
        return place_id

    async def figures(self) -> dict[str, int]:
        """The counts of the year, as the total of its league table shows them."""
        async with self.dbs["reporting"].system() as con:
            choice = await league.choose(con, "henan-2021", "rural", "city", None)
            report = await league.report(con, choice)
        counts = report.table.total.counts
        return {name: getattr(counts, name) for name in ("selected", "expected", "checked_in", "excused", "completed")}


async def taken(db: Database) -> list[Received]:
    """What waits in an outbox, taken out of it."""
    async with db.background() as con:
        rows = await con.fetch("delete from outbox returning seq, topic, headers, payload")
    found = []
    for row in sorted(rows, key=lambda r: r["seq"]):
        headers = {k: v.encode() for k, v in msgspec.json.decode(row["headers"]).items()}
        envelope = decode(list(headers.items()), headers["ce_stream"])
        found.append(Received(envelope, decode_event(envelope, row["payload"]), row["topic"], 0, row["seq"]))
    return found


@asynccontextmanager
async def joined(new_database: NewDatabase, folder: Path) -> AsyncIterator[Round]:
    """Units, contacts and the year 2021 everywhere."""
    async with AsyncExitStack() as stack:
        dbs = {}
        for name in ("enrolment", "blacklist", "reporting"):
            dsns = await new_database(name)
            dbs[name] = await stack.enter_async_context(Database(dsns.writer, dsns.reader))
        told = await stack.enter_async_context(notify_ground.ground(await new_database("notify"), folder))
        phones = Phones()
        told.contacts_url = await stack.enter_async_context(served(phones.app())) + "/enrolment"
        effects = {n: m.effect(cast("Runtime", SimpleNamespace(name=n))) for n, m in LISTENERS.items()}
        found = Round(await lay(dbs["enrolment"]), told, dbs | {"notify": told.db}, phones, effects)
        await found.flow()
        yield found


async def closed_class(here: Round, *, arrives: int = 1, number: int = 4, unreached: Sequence[int] = ()) -> Classroom:
    """A class from selection to closed check-in: the first ``arrives`` people come, the others do not.

    Who is ``unreached`` (by position) never gets a receipt for any message before.
    """
    room = Classroom(here.ground)
    await room.schedule()
    await room.fill(number)
    lost = [room.people[i] for i in unreached]
    await here.flow()
    await here.send(at(7, 20, 11), unreached=lost)
    await room.staff()
    await room.open()
    await here.flow()
    await here.send(at(8, 6, 11), unreached=lost)
    for place_id in room.places[:arrives]:
        await room.arrive(await room.code(place_id))
    return room
