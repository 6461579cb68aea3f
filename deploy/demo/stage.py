"""Where the story plays: the stage, its calendar, and the acts that several parts of it share."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import httpx

from deploy.demo import accounts, roster
from deploy.demo.client import Api, Refused, sign_in
from deploy.demo.words import zh
from shared.stepper import Stepper

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
START: Final = datetime(2021, 7, 16, 8, tzinfo=SHANGHAI)
POLICIES: Final = Path(__file__).parents[1] / "policies"
YEAR, PROJECT, COHORT = "henan-2021", "rural", "rural-teacher"
NO_SHOW, EXCUSED, DISMISSED = 3, 8, 15
STAFF: Final = [
    {"role": role, "name": zh(f"people.{role}"), "phone": f"1390008800{i}"}
    for i, role in enumerate(("chief_expert", "subject_class_teacher", "life_class_teacher"))
]
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE: Final = 4

T = TypeVar("T")
R = TypeVar("R")


def at(month: int, day: int, hour: int = 9, minute: int = 0, *, year: int = START.year) -> datetime:
    """A civil time in the story's zone."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def civil(instant: str | None) -> str:
    """An instant of an answer as a civil time in the story's zone, to the minute; empty for none."""
    return f"{datetime.fromisoformat(instant).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if instant else ""


@dataclass
class Stage:
    """Where the story plays, and what it has brought about so far.

    ``others`` counts what happened beside the story's class; ``reachable`` are phones and addresses of officers and staff;
    ``unfilled`` are places that nobody is chosen for: whose (in English), of which project, how many.
    """

    http: httpx.AsyncClient
    gateway: str
    stepper: Stepper
    accounts_file: Path
    people: list[roster.Teacher] = field(default_factory=lambda: roster.with_an_older(roster.teachers(24)))
    strangers: list[roster.Teacher] = field(default_factory=list)
    officers: list[dict[str, Any]] = field(default_factory=lambda: list(accounts.OFFICERS))
    others: Counter[str] = field(default_factory=Counter)
    reachable: set[str] = field(default_factory=lambda: {s["phone"] for s in STAFF})
    unfilled: list[tuple[str, str, int]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    class_id: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def private(self) -> set[str]:
        """What may stand in no event and no log: every teacher's name, ID number, phone and address."""
        return {word for t in (*self.people, *self.strangers) for word in t.private}

    async def as_(self, account: str) -> Api:
        """The API as one account."""
        return await sign_in(self.http, self.gateway, account)

    async def teacher(self, index: int) -> Api:
        """The API as the teacher of the i-th place."""
        return await self.as_(f"teacher-{index}")


async def introduce(stage: Stage) -> None:
    """Accounts, units and the contacts of those that the story needs."""
    accounts.write(stage.accounts_file, [], stage.officers)
    province = await stage.as_("province")
    await province.text("/enrolment/units:import", (POLICIES / "units-henan.yaml").read_text(), "application/yaml")
    await stage.stepper.settle()
    await put_contacts(stage, ["410000", "410100", "410183", roster.SCHOOL, "inst-001"])


async def put_contacts(stage: Stage, codes: Sequence[str], first: int = 0, *, phones: bool = True) -> None:
    """An invented contact for each unit, counted from ``first``; without phones they get mails alone."""
    contacts = [{"unit": code, "name": zh("people.contact", n=i), "email": f"contact{i}@example.invalid"}
                | ({"phone": f"13900099{i:03d}"} if phones else {})
                for i, code in enumerate(codes, start=first)]  # fmt: skip
    await (await stage.as_("province")).post("/enrolment/contacts", {"contacts": contacts})
    stage.reachable |= {c[way] for c in contacts for way in ("email", "phone") if way in c}


async def post_policy(province: Api, key: str, text: str | None = None) -> None:
    """Post a programme year and publish it."""
    text = text or (POLICIES / f"{key}.yaml").read_text()
    await province.text("/enrolment/programmes", text, "application/yaml")
    await province.post(f"/enrolment/programmes/{key}/publish")


async def hand_in_notice(desk: Api, class_id: str) -> None:
    """The institution's check-in notice of a class."""
    path = f"/enrolment/classes/{class_id}/documents"
    await desk.upload(path, zh("class.notice"), PDF, "application/pdf", document="checkin-notice", sealed="true")


async def begin_class(desk: Api, told: dict[str, Any], place_ids: Sequence[str]) -> str:
    """Schedule a class as ``told``, with its people, staff and notice, and open it at once; gives its id."""
    class_id: str = (await desk.post("/enrolment/classes", told))["class_id"]
    own = f"/enrolment/classes/{class_id}"
    await desk.post(f"{own}/places", {"place_ids": place_ids})
    await desk.post(f"{own}/staff", {"staff": STAFF})
    await hand_in_notice(desk, class_id)
    await desk.post(f"{own}/open")
    return class_id


async def code_of(command: Awaitable[Any]) -> str:
    """The problem code of a command that must be refused."""
    try:
        await command
    except Refused as refused:
        return refused.code
    return "accepted"


async def each(items: Iterable[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """The work for all items, a few at a time; results in the items' order."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with turns:
            return await work(item)

    return list(await asyncio.gather(*[one(item) for item in items]))


Chapter = tuple[str, Callable[[Stage], Awaitable[None]]]
