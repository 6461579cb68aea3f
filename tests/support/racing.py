"""Known teachers without a place, two enrolment processes, and what is sent at the same moment."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx

from deploy.demo import roster
from deploy.demo.run import Place
from deploy.demo.story import COHORT, YEAR, Stage, publish
from deploy.demo.story import at as instant
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from shared.context import Context
from shared.events.blacklist import BanConfirmed, BanProposed, BanRange
from shared.outbox import Entry, append
from shared.stepper import Stepper
from shared.telemetry.trace import start
from tests.support.driver import Accepted, enlarged, import_people
from tests.support.oracle import column
from tests.support.played import new_stage, own_stack
from tests.support.replicas import second
from tests.support.visitor import token

NOW: Final = instant(7, 20)
CLASS_DAY: Final = date(2021, 8, 20)  # stands for the start of a class that has no dates yet
COUNTY, SCHOOL = "410183", roster.SCHOOL
PATH: Final = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}"
AT_ONCE: Final = 8
CHUNK: Final = 20
PATIENCE: Final = 180.0
CONTACT: Final = {"name": "联系人（合成）", "email": "school@example.invalid"}  # fewer messages: no phone


@dataclass(frozen=True)
class Ground:
    """A year, a school and its teachers, none of whom has a place; ``origins`` are the two enrolment processes."""

    stack: Stack
    place: Place
    origins: Sequence[str]
    people: Sequence[str]
    school: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of one selection: a place, or the code of the refusal."""

    person_id: str
    origin: str
    place_id: str | None
    code: str | None


@dataclass(frozen=True)
class Ban:
    """An entry that is confirmed; ``covers`` tells whether the class day lies in its range."""

    entry_id: str
    person_id: str
    covers: bool


@asynccontextmanager
async def prepared(servers: Servers, folder: Path, people: int, places: int) -> AsyncIterator[Ground]:
    """``people`` teachers imported while their school has no quota: everyone is known, nobody selected."""
    async with own_stack(servers, folder) as stack, client(60) as http:
        place = demo_place(stack)
        stage = new_stage(place, http)
        await publish(stage, enlarged(places))
        await pass_down(stage, "city", "410100", COUNTY, places)
        await pass_down(stage, "county", COUNTY, SCHOOL, 0)
        await (await stage.as_("county")).put(f"/enrolment/units/{SCHOOL}/contact", CONTACT)
        await stage.stepper.to(NOW)
        job = await import_people(stage, Accepted(), roster.teachers(people))
        assert (job["selected"], job["refused"]) == (0, people)
        ids = await column(place.databases["enrolment"], "select person_id from person order by person_id")
        (school,) = await (await stage.as_("county")).get("/enrolment/units", under=SCHOOL)
        await stage.stepper.settle()
        yield Ground(stack, place, (stack.urls["enrolment"], await second(stack, "enrolment")), ids, school)


async def pass_down(stage: Stage, account: str, above: str, below: str, places: int) -> None:
    body = {"from": above, "to": [{"unit": below, "places": places}]}
    await (await stage.as_(account)).post(f"{PATH}/quota", body)


async def select(ground: Ground, http: httpx.AsyncClient, person_id: str, origin: str) -> Outcome:
    """One person, in a request of its own; who is told to wait asks again with the same key, as any client would."""
    headers = {
        "authorization": f"Bearer {token(ground.stack, 'county', unit=COUNTY)}",
        "idempotency-key": secrets.token_hex(8),
    }
    body = {"person_ids": [person_id]}
    answer = await http.post(f"{origin}{PATH}/selections", json=body, headers=headers)
    while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        await asyncio.sleep(float(answer.headers["retry-after"]))
        answer = await http.post(f"{origin}{PATH}/selections", json=body, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    selected, refused = answer.json()["selected"], answer.json()["refused"]
    assert len(selected) + len(refused) == 1
    place_id, code = [s["place_id"] for s in selected], [r["code"] for r in refused]
    return Outcome(person_id, origin, *(place_id or [None]), *(code or [None]))


async def select_all(
    ground: Ground, people: Sequence[str], at_once: int, begin: asyncio.Event | None = None, lead: int = 0
) -> list[Outcome]:
    """Each person by its own request, in turn at the two processes; ``begin`` is set when so many are answered."""
    done: list[Outcome] = []
    async with client(PATIENCE, at_once=at_once) as http:

        async def one(person_id: str, origin: str) -> None:
            done.append(await select(ground, http, person_id, origin))
            if begin is not None and len(done) >= lead:
                begin.set()

        await asyncio.gather(*[one(p, o) for p, o in zip(people, cycle(ground.origins), strict=False)])
    return done


async def publish_bans(ground: Ground, bans: Sequence[Ban], begin: asyncio.Event) -> None:
    """Blacklist's events of proposal and confirmation, some entries in a transaction, as its writer role."""
    await begin.wait()
    con = await asyncpg.connect(ground.stack.dsns["blacklist"].writer)
    try:
        async with client(PATIENCE) as http:
            for first in range(0, len(bans), CHUNK):
                async with con.transaction():
                    await append(con, _frame(), [e for b in bans[first : first + CHUNK] for e in _events(ground, b)])
                await wake_relay(ground, http)
    finally:
        await con.close()


async def wake_relay(ground: Ground, http: httpx.AsyncClient) -> None:
    """Let blacklist look into its outbox at once, as it does after a command of its own."""
    headers = {"authorization": f"Bearer {ground.stack.service_token}"}
    address = f"{ground.place.services['blacklist']}/parked/redrive"
    (await http.post(address, json={"stream": "none"}, headers=headers)).raise_for_status()


def _frame() -> Context:
    return Context(
        now=NOW, actor="province", source="blacklist", correlation_id=secrets.token_hex(16), traceparent=start()
    )


def _events(ground: Ground, ban: Ban) -> list[Entry]:
    """An entry that grew out of an earlier year's dropout, and its range."""
    length = timedelta(days=3 * 365)
    starts_on = NOW.date() if ban.covers else CLASS_DAY - length
    barred = BanRange(["province"], ["in_person"], starts_on, starts_on + length, "absolute")
    proposed = BanProposed(
        entry_id=ban.entry_id, person_id=ban.person_id, place_id=str(uuid4()), class_id=str(uuid4()), cause="no_show",
        policy_key=YEAR, rule_key="ban-2021", rule_version=1, unit_id=ground.school["unit_id"],
        unit_path=ground.school["path"], proposed_at=NOW, evidence=[], complete=True,
    )  # fmt: skip
    confirmed = BanConfirmed(
        entry_id=ban.entry_id, person_id=ban.person_id, confirmed_at=NOW, rule_key="ban-2021", rule_version=1,
        unit_path=ground.school["path"], ranges=[barred], decided_by=["province", "province-2"],
    )  # fmt: skip
    return [Entry(1, proposed), Entry(2, confirmed)]


async def at_the_same_moment(ground: Ground, people: Sequence[str], bans: Sequence[Ban], lead: int) -> list[Outcome]:
    """Selections and bans together; the bans begin when ``lead`` selections are answered."""
    begin = asyncio.Event()
    selecting = select_all(ground, people, AT_ONCE, begin, lead)
    outcomes, _ = await asyncio.gather(selecting, publish_bans(ground, bans, begin))
    return outcomes


async def settled(ground: Ground) -> None:
    """Everything has arrived everywhere, and every message is out."""
    place = ground.place
    async with client(PATIENCE) as http:
        watch = [f"{place.sink}/pending"]
        await Stepper(http, list(place.services.values()), place.service_token, watch=watch, patience=PATIENCE).settle()


async def held(ground: Ground) -> Sequence[Mapping[str, Any]]:
    """What the sink has, each with the kind and the receiver that notify's ledger knows of it."""
    async with client(60) as http:
        messages = (await http.get(f"{ground.place.sink}/messages.json")).raise_for_status().json()["messages"]
    con = await asyncpg.connect(ground.place.databases["notify"])
    try:
        rows = await con.fetch(
            "select a.attempt_id, r.kind, r.recipient_id, r.channel from attempt a join reminder r using (message_id)"
        )
    finally:
        await con.close()
    known = {r["attempt_id"]: dict(r) for r in rows}
    return [known[m["attempt_id"]] for m in messages]
