"""One record that nobody can read holds its own stream in every service; all others flow, and a redrive puts it right.

The services are processes of their own and the record is in Kafka. What the consumer does with every kind of such
record is proven in tests/integration/shared/test_poison.py.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx

from deploy.demo import accounts, roster
from deploy.demo.stage import YEAR, Stage, at
from deploy.local.running import demo_place
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from shared.client import client
from tests.support.driver import Accepted, command, import_people, list_places, open_classes, prepare
from tests.support.oracle import column, judge, rows
from tests.support.played import new_stage, own_stack
from tests.support.sabotage import sabotage

CLASS, OTHERS = 12, 150  # places in the class, and others that register one after the other while it is redriven
LISTENERS: Final = ("notify", "blacklist", "reporting")
EVENTS: Final = 6  # of a place that completes: selected, registered, assigned, checked in, expected, completed
ROWS: Final = {
    "notify": "select place_id, (to_jsonb(p) - '{place_id,person_id}'::text[])::text from place p where class_id is not null",
    "blacklist": "select place_id, array_agg((fact, version, occurred_at) order by version)::text from fact where stream = place_id"
    " group by place_id having bool_or(class_id is not null)",
    "reporting": "select place_id, (to_jsonb(p) - 'place_id')::text from place p where class_id is not null",
}


class Ops:
    """Operations at a running service, by its own surface."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self._stack, self._http = stack, http
        self._headers = {"authorization": f"Bearer {stack.service_token}"}

    async def parked(self, service: str) -> list[tuple[str, int, str]]:
        """Reason, number of records and stream of each cause."""
        answer = await self._http.get(f"{self._stack.urls[service]}/{service}/parked", headers=self._headers)
        return [(g["reason"], g["records"], g["first_stream"]) for g in answer.raise_for_status().json()["groups"]]

    async def gauge(self, service: str) -> float:
        """How many records are parked, as Prometheus reads it."""
        text = (await self._http.get(f"{self._stack.urls[service]}/{service}/metrics")).raise_for_status().text
        (value,) = [line.split()[-1] for line in text.splitlines() if line.startswith("shipei_parked{")]
        return float(value)

    async def redrive(self, service: str) -> dict[str, int]:
        """Everything that is parked, again."""
        address = f"{self._stack.urls[service]}/{service}/parked/redrive"
        answer = await self._http.post(address, json={}, headers=self._headers)
        done: dict[str, int] = answer.raise_for_status().json()
        return done


async def register(
    stage: Stage, ledger: Accepted, places: Iterator[str], begun: asyncio.Event, over: asyncio.Event
) -> list[str]:
    """The school registers one place after the other, until it is over; gives those that are registered."""
    school, done = await stage.as_("school"), list[str]()
    for place_id in places:
        path = f"/enrolment/places/{place_id}/registration"
        await command(ledger, lambda key, path=path: school.post(path, key=key))  # type: ignore[misc]  # a lambda with a default
        done.append(place_id)
        begun.set()
        if over.is_set():
            break
    return done


async def lead_through_a_class(stage: Stage, ledger: Accepted, places: list[dict[str, str]]) -> None:
    """Assigned, checked in, expected, completed."""
    accounts.write(stage.accounts_file, places, stage.officers)
    ids = [p["place_id"] for p in places]
    await open_classes(stage, ledger, [ids])
    institution, own = await stage.as_("institution"), f"/enrolment/classes/{ledger.classes[0]}"
    await stage.stepper.to(at(8, 23, 10))
    for i, place_id in enumerate(ids):
        code = await (await stage.teacher(i)).get(f"/enrolment/places/{place_id}/checkin-code")
        await institution.post(f"{own}/checkins", {"code": code["token"]})
    await stage.stepper.to(at(8, 24, 18, 30))
    await institution.post(f"{own}/checkin-closing", {"held": True})
    await stage.stepper.to(at(9, 7))
    await institution.post(f"{own}/completion", {"place_ids": ids})
    await stage.stepper.settle()


async def alike(dsn: str, service: str) -> dict[str, set[str]]:
    """``what a service knows of a place -> the places of which it knows that``, of places in a class."""
    known: dict[str, set[str]] = {}
    for place_id, row in [tuple(r) for r in await rows(dsn, ROWS[service])]:
        known.setdefault(row, set()).add(place_id)
    return known


async def test_an_unreadable_third_event_holds_its_place_alone_until_it_is_redriven_under_load(
    servers: Servers, tmp_path: Path
) -> None:
    people = roster.teachers(CLASS + OTHERS)
    async with own_stack(servers, tmp_path / "run") as stack, client(60) as http:
        place = demo_place(stack)
        stage, ledger, ops = new_stage(place, http, 180), Accepted(), Ops(stack, http)
        await prepare(stage, len(people))
        await import_people(stage, ledger, people)
        county = await stage.as_("county")
        trainees = (await county.get("/enrolment/places", programme=YEAR))["places"][:CLASS]
        in_class = {p["place_id"] for p in trainees}
        others = iter([p for p in await list_places(stage, ledger) if p not in in_class])
        await (await stage.as_("school")).post("/enrolment/registrations", {"place_ids": sorted(in_class)})
        await sabotage(stack, "enrolment", "odd-third")
        await lead_through_a_class(stage, ledger, trainees)

        (held,) = {stream for s in LISTENERS for _, _, stream in await ops.parked(s)}
        for service in LISTENERS:
            assert await ops.parked(service) == [("undecodable", 1, held), ("gap", EVENTS - 3, held)]
            assert await ops.gauge(service) == EVENTS - 2
            assert list((await alike(place.databases[service], service)).values()) == [in_class - {held}]
            assert await ops.redrive(service) == {"applied": 0, "failed": EVENTS - 2}

        await asyncio.gather(*[sabotage(stack, s, "next-release") for s in LISTENERS])
        begun, over = asyncio.Event(), asyncio.Event()
        load = asyncio.create_task(register(stage, ledger, others, begun, over))
        await begun.wait()
        redriven = await asyncio.gather(*[ops.redrive(s) for s in LISTENERS])
        assert not load.done()
        over.set()
        registered = await load
        await stage.stepper.settle()

        assert redriven == [{"applied": EVENTS - 2, "failed": 0}] * len(LISTENERS)
        for service in LISTENERS:
            assert await ops.parked(service) == []
            assert list((await alike(place.databases[service], service)).values()) == [in_class]
        counted = "select place_id from place where registered_at is not null"
        assert set(await column(place.databases["reporting"], counted)) == in_class | set(registered)
        assert (await judge(place, ledger)).wrong == {}
