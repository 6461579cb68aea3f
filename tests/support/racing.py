"""Known teachers, two enrolment processes, and what is sent at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final, Literal

import asyncpg
import httpx

from deploy.demo import roster
from deploy.demo.run import Place
from deploy.demo.stage import POLICIES, Stage, at, post_policy
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from shared.stepper import Stepper
from tests.support.accused import decide, insisted, one_came, proposals
from tests.support.oracle import column
from tests.support.played import new_stage, own_stack
from tests.support.replicas import second
from tests.support.visitor import token

YEAR, COHORT = "henan-2022", "rural-follow-up-teacher"  # the year after the one with that class
CITY, COUNTY, SCHOOL = "410100", "410183", roster.SCHOOL
PATH: Final = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}"
AT_ONCE: Final = 8
PATIENCE: Final = 300.0
FIRST_OFFICER, SECOND_OFFICER = "province", "province-2"
CROWD: Final = "select person_id from person where person_id not in (select person_id from place) order by person_id"


@dataclass(frozen=True)
class Ground:
    """A year, a school and its teachers, none of whom has a place in it; ``origins`` are the two enrolment processes.

    ``crowd`` are people with nothing against them; ``accused`` is ``person -> entry``: a proposal that one officer has
    confirmed, so that the next word decides.
    """

    stack: Stack
    place: Place
    origins: Sequence[str]
    crowd: Sequence[str]
    accused: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of one selection: a place, or the code of the refusal."""

    person_id: str
    origin: str
    place_id: str | None
    code: str | None


@dataclass(frozen=True)
class Decision:
    """The second officer's word on an entry: ``confirmations`` makes the ban, ``quash`` voids the proposal."""

    entry_id: str
    person_id: str
    how: Literal["confirmations", "quash"]


@asynccontextmanager
async def prepared(servers: Servers, folder: Path, accused: int, crowd: int) -> AsyncIterator[Ground]:
    """Everyone is known, the accused by last year's class, to which they did not come; the school has no quota yet."""
    async with own_stack(servers, folder) as stack, client(PATIENCE, at_once=AT_ONCE) as http:
        place = demo_place(stack)
        stage = new_stage(place, http, PATIENCE)
        await one_came(stage, roster.teachers(accused + 1 + crowd), accused)
        entries = await proposals(stage)
        await asyncio.gather(*[decide(stack, http, e, "confirmations", FIRST_OFFICER) for e in entries.values()])
        await stage.stepper.to(at(7, 5, year=2022))
        await publish(stage, accused + crowd)
        await stage.stepper.settle()
        ids = await column(place.databases["enrolment"], CROWD)
        yield Ground(stack, place, (stack.urls["enrolment"], await second(stack, "enrolment")), ids, entries)


async def publish(stage: Stage, places: int) -> None:
    """The year, with so many places in the county."""
    text = (POLICIES / f"{YEAR}.yaml").read_text()
    enlarged = text.replace(
        f'total: 5, allocation: {{"{CITY}": 5}}', f'total: {places}, allocation: {{"{CITY}": {places}}}'
    )
    await post_policy(await stage.as_("province"), YEAR, enlarged)
    await pass_down(stage, "city", CITY, COUNTY, places)


async def pass_down(stage: Stage, account: str, above: str, below: str, places: int) -> None:
    body = {"from": above, "to": [{"unit": below, "places": places}]}
    await (await stage.as_(account)).post(f"{PATH}/quota", body)


async def select(ground: Ground, http: httpx.AsyncClient, person_id: str, origin: str) -> Outcome:
    """One person, in a request of its own."""
    county = token(ground.stack, "county", unit=COUNTY)
    answer = await insisted(http, f"{origin}{PATH}/selections", {"person_ids": [person_id]}, county)
    assert len(answer["selected"]) + len(answer["refused"]) == 1
    place_id, code = [s["place_id"] for s in answer["selected"]], [r["code"] for r in answer["refused"]]
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


async def decide_all(ground: Ground, decisions: Sequence[Decision], begin: asyncio.Event) -> None:
    """Each by its own request to blacklist."""
    await begin.wait()
    async with client(PATIENCE, at_once=AT_ONCE) as http:
        await asyncio.gather(*[decide(ground.stack, http, d.entry_id, d.how, SECOND_OFFICER) for d in decisions])


async def at_the_same_moment(
    ground: Ground, people: Sequence[str], decisions: Sequence[Decision], lead: int
) -> list[Outcome]:
    """Selections and decisions together; the decisions begin when ``lead`` selections are answered."""
    begin = asyncio.Event()
    selecting = select_all(ground, people, AT_ONCE, begin, lead)
    outcomes, _ = await asyncio.gather(selecting, decide_all(ground, decisions, begin))
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
