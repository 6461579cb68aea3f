"""Notify on a real database, with real mail and SMS to a sink, and enrolment's contacts from a small server. Synthetic data."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI, HTTPException, Request

from deploy.local.databases import Dsns
from deploy.local.ports import LOOPBACK, free_port
from deploy.sink.app import create_app as create_sink
from deploy.sink.settings import Settings as SinkSettings
from services.notify import subscribers
from services.notify.channels.service import Channel, EmailChannel, SmsChannel
from services.notify.contacts.domain import Sandbox
from services.notify.contacts.service import Contacts
from services.notify.doubts.service import Settler
from services.notify.email.service import Composer
from services.notify.facts.store import Policies
from services.notify.receipts.service import Receipt, take
from services.notify.sending.service import Dispatcher, Pace
from services.notify.sms.service import Gateway
from services.notify.smtp.service import Mailer
from services.notify.sweeping.service import Sweeper
from services.notify.wording.service import Writer
from shared.client import client
from shared.db import Database
from shared.events import Event, Names
from shared.events import enrolment as e
from shared.policy import Policy, load
from shared.texts import Texts
from tests.support.served import served
from tests.support.streams import Streams, feed

ROOT = Path(__file__).parents[3]
ZONE = ZoneInfo("Asia/Shanghai")
TEXTS = Texts.load(ROOT / "services" / "notify" / "texts.yaml")
AT_ONCE = 5000
TOKEN = "service-token-of-this-test"
TREE = {
    "h": ("410000", "province", "province", "/h/", "河南省"),
    "z": ("410100", "city", "city", "/h/z/", "郑州市教育局"),
    "x": ("410183", "county", "county", "/h/z/x/", "新密市教体局"),
    "s": ("410183-s001", "school", "school", "/h/z/x/s/", "示例乡中心小学"),
    "y": ("410183-s002", "school", "school", "/h/z/x/y/", "样本镇中学"),
    "i": ("inst-001", "institution", None, "/h/i/", "示例师范大学"),
}
SCHOOL = "/h/z/x/s/"


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2021, month, day, hour, minute, tzinfo=ZONE)


def enrolment(people: int, token: str = TOKEN) -> FastAPI:
    """Answers as enrolment does: names, phones and addresses that reach nobody."""
    app = FastAPI()
    app.state.broken = [False]
    app.state.token = token

    @app.post("/enrolment/people/names")
    async def names(request: Request) -> dict[str, Any]:
        asked = (await request.json())["ids"]
        return {
            "names": {
                p: {"name": f"陈测试{p[1:]}", "unit": {"zh": "示例乡中心小学", "en": "Example school"}} for p in asked
            }
        }

    @app.post("/enrolment/contacts/query")
    async def query(request: Request) -> dict[str, Any]:
        if app.state.broken[0] or request.headers.get("authorization") != f"Bearer {app.state.token}":
            raise HTTPException(503)
        asked = await request.json()
        if max(len(part) for part in asked.values()) > AT_ONCE:
            raise HTTPException(422)
        known = {
            f"t{i}": {"name": f"陈测试{i}", "phone": f"1390000{i:04d}", "email": f"t{i}@example.invalid"}
            for i in range(people)
        }
        units = {u: {"name": "联系人", "email": f"{u}@example.invalid", "phone": "13900099001", "unit": {"zh": zh, "en": code}}
                 for u, (code, _, _, _, zh) in TREE.items()}  # fmt: skip
        staff = [{"role": "subject_class_teacher", "name": "郑样本", "phone": "13900099002"}]
        return {
            "people": [{"person_id": p, **known[p]} for p in asked["people"] if p in known],
            "units": [{"unit_id": u, **units[u]} for u in asked["units"] if u in units],
            "classes": [{"class_id": c, "staff": staff} for c in asked["classes"]],
        }

    return app


@dataclass
class Ground:
    """The parts of notify, put together as its app does."""

    db: Database
    dsns: Dsns
    http: httpx.AsyncClient
    sink: str
    smtp: tuple[str, int]
    enrolment: FastAPI
    contacts_url: str
    streams: Streams = field(default_factory=Streams)
    policies: Policies = field(default_factory=Policies)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def tell(self, now: datetime, *events: Event) -> None:
        """Events of other services arrive, in one batch."""
        received = [self.streams.add(event, now) for event in events]
        await feed(self.db, subscribers.effect(None), [received])  # type: ignore[arg-type]  # it asks the runtime nothing

    def gateway(self, timeout: float = 1) -> Gateway:
        return Gateway(self.http, f"{self.sink}/sink/sms", timeout)

    def channels(self, timeout: float = 1) -> Sequence[Channel]:
        writer = Writer(TEXTS)
        mailer = Mailer(*self.smtp, "notice@example.invalid", timeout)
        return SmsChannel(writer, self.gateway(timeout)), EmailChannel(writer, Composer(TEXTS, mailer.sender), mailer)

    def dispatcher(self, *, lease: float = 30, channels: Sequence[Channel] | None = None) -> Dispatcher:
        return Dispatcher(
            db=self.db,
            policies=self.policies,
            contacts=Contacts(self.http, self.contacts_url, TOKEN, {"project-office": "office@example.invalid"}),
            sandbox=Sandbox(production=False, domains=("example.invalid",), phones=("1390000", "13900099")),
            channels=channels or self.channels(),
            pace=Pace(lease, 200),
            wake=lambda: None,
            count=lambda channel, result: self.calls.update([(channel, result)]),
        )

    def settler(self, patience: float = 0) -> Settler:
        return Settler(self.db, self.gateway(), patience, lambda: None)

    def sweeper(self) -> Sweeper:
        return Sweeper(self.db, self.policies)

    async def send(self, now: datetime) -> int:
        return await self.dispatcher().run(now)

    async def behave(self, channel: str, mode: str, **more: Any) -> None:
        answer = await self.http.post(f"{self.sink}/sink/behaviour", json={"channel": channel, "mode": mode, **more})
        answer.raise_for_status()

    async def received(self, **wanted: str) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{self.sink}/sink/messages.json", params=wanted)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
        return found

    async def rows(self, where: str = "true", *arguments: Any) -> list[dict[str, Any]]:
        async with self.db.system() as con:
            return [
                dict(r)
                for r in await con.fetch(f"select * from reminder where {where} order by message_id", *arguments)
            ]

    async def states(self, where: str = "true") -> dict[str, int]:
        async with self.db.system() as con:
            found = await con.fetch(f"select state, count(*) as n from reminder where {where} group by state")
        return {r["state"]: r["n"] for r in found}

    async def events(self) -> list[tuple[str, str, int]]:
        """What went to the outbox: stream, type, version, in order."""
        async with self.db.system() as con:
            rows = await con.fetch("select key, convert_from(headers, 'utf8')::jsonb as h from outbox order by seq")
        return [(r["key"], r["h"]["ce_type"], int(r["h"]["ce_streamversion"])) for r in rows]

    async def receipts(self, *, delivered: bool = True, now: datetime | None = None) -> int:
        """The gateway reports on everything it holds."""
        held = [Receipt(m["attempt_id"], delivered, "DELIVERED", None) for m in await self.received(channel="sms")]
        async with self.db.write() as con:
            return await take(con, held, now or at(8, 16))


@asynccontextmanager
async def ground(dsns: Dsns, folder: Path, people: int = 50) -> AsyncIterator[Ground]:
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database(dsns.writer, dsns.reader))
        http = await stack.enter_async_context(client(5))
        contacts = enrolment(people)
        smtp = free_port()
        settings = SinkSettings(
            port=0,
            smtp=f"{LOOPBACK}:{smtp}",
            receipts_url="http://127.0.0.1:9/none",
            sink_file=folder / "sink.jsonl",
            demo=True,
        )
        yield Ground(
            db=db,
            dsns=dsns,
            http=http,
            sink=await stack.enter_async_context(served(create_sink(settings))),
            smtp=(LOOPBACK, smtp),
            enrolment=contacts,
            contacts_url=await stack.enter_async_context(served(contacts)) + "/enrolment",
        )


@cache
def policy_of(key: str) -> Policy:
    return load((ROOT / "deploy" / "policies" / f"{key}.yaml").read_text("utf-8"))


def published(key: str = "henan-2021") -> e.ProgrammePublished:
    policy = policy_of(key)
    return e.ProgrammePublished(
        programme_id=key, key=key, revision=1, year=policy.year, issuer_unit_id="h", issuer_path="/h/", sha256="0",
        policy=policy.to_dict(), published_at=at(7, 16, 8))  # fmt: skip


def commissioned(project: str = "rural", when: datetime | None = None, owner: str = "i") -> e.ProjectCommissioned:
    return e.ProjectCommissioned(
        commission_id=f"m-{project}-{owner}", programme_id="henan-2021", policy_key="henan-2021", project=project,
        institution_id=owner, institution_path=TREE[owner][3], commissioned_at=when or at(7, 16, 9))  # fmt: skip


def allotted(
    places: int, unit: str = "s", *, cohort: str = "rural-teacher", project: str = "rural"
) -> e.QuotaAllocated:
    return e.QuotaAllocated(
        cell_id=f"q-{unit}-{cohort}", parent_cell_id=None, programme_id="henan-2021", policy_key="henan-2021", project=project,
        cohort=cohort, unit_id=unit, unit_path=TREE[unit][3], places=places)  # fmt: skip


def units() -> list[e.UnitRegistered]:
    return [e.UnitRegistered(unit_id=u, code=code, kind=kind, level=level, parent_id=None, path=path, names=Names(zh, code))
            for u, (code, kind, level, path, zh) in TREE.items()]  # fmt: skip


def selected(number: int, key: str = "henan-2021") -> e.TraineeSelected:
    return e.TraineeSelected(
        place_id=f"p{number}", person_id=f"t{number}", programme_id=key, policy_key=key, project="rural", cohort="rural-teacher",
        cohort_kind="trainee", plan_level="province", forms=["in_person"], unit_id="s", unit_path=SCHOOL,
        selected_at=at(7, 20), met_every_condition=True)  # fmt: skip


def assigned(number: int, class_id: str = "c") -> e.TraineeAssigned:
    return e.TraineeAssigned(
        place_id=f"p{number}", person_id=f"t{number}", class_id=class_id, institution_id="i", institution_path="/h/i/")  # fmt: skip


def scheduled(class_id: str = "c") -> e.ClassScheduled:
    return e.ClassScheduled(
        class_id=class_id, programme_id="henan-2021", policy_key="henan-2021", project="rural", cohort="rural-teacher",
        plan_level="province", forms=["in_person"], institution_id="i", institution_path="/h/i/",
        name=Names("乡村骨干07班", "Rural class 07"), period=1, theme="t", address="示例师大东校区", starts_on=date(2021, 8, 23),
        ends_on=date(2021, 9, 6), checkin_opens_at=at(8, 23, 8), checkin_closes_at=at(8, 23, 18), date_version=1)  # fmt: skip


def opened(class_id: str = "c") -> e.ClassOpened:
    return e.ClassOpened(class_id=class_id, opened_at=at(8, 6), starts_on=date(2021, 8, 23), ends_on=date(2021, 9, 6),
                         address="示例师大东校区", date_version=1)  # fmt: skip


def moved(
    class_id: str = "c",
    to: date = date(2021, 8, 26),
    *,
    was: date = date(2021, 8, 23),
    version: int = 2,
    when: datetime | None = None,
) -> e.ClassRescheduled:
    hours = {
        "checkin_opens_at": at(to.month, to.day, 8),
        "checkin_closes_at": at(to.month, to.day, 18) + timedelta(days=1),
    }
    return e.ClassRescheduled(
        class_id=class_id, cause="institution", rescheduled_at=when or at(8, 17, 10), previous_starts_on=was, starts_on=to,
        ends_on=to + timedelta(days=14), address="示例师大东校区", date_version=version, **hours)  # fmt: skip


def cancelled(when: datetime, version: int = 2, class_id: str = "c") -> e.ClassCancelled:
    return e.ClassCancelled(class_id=class_id, cause="public_health", cancelled_at=when, date_version=version)


def handed_in(
    document: str, when: datetime, class_id: str | None = "c", *, project: str = "rural", number: int = 1, on_time: bool = True,
    owner: str = "i",
) -> e.DocumentSubmitted:  # fmt: skip
    return e.DocumentSubmitted(
        document_id=f"d-{document}-{number}", document=document, programme_id="henan-2021", policy_key="henan-2021",
        project=project, class_id=class_id, institution_id=owner, institution_path=TREE[owner][3], file_id="f", sha256="0",
        size=1, submitted_at=when, due_at=None, on_time=on_time)  # fmt: skip
