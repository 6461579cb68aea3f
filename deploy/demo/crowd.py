"""The rest of the province, beside the class that the story follows: 59 more classes, 2,980 more teachers, in batches.

Everything is synthetic: schools, institutions, people, and the spread of the places over the reporting units. One
account of each kind acts for all units at once, as a help desk of the province would.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.demo import accounts, roster, rural
from deploy.demo.client import Api
from deploy.demo.stage import (
    COHORT,
    POLICIES,
    PROJECT,
    XLSX,
    YEAR,
    Chapter,
    Stage,
    at,
    begin_class,
    each,
    introduce,
    post_policy,
    put_contacts,
)
from deploy.demo.story import CHAPTERS
from deploy.demo.units import UNITS, file_of, unit
from deploy.demo.words import both, names, zh

CLASSES: Final = 59
TEACHERS: Final = 2980
INSTITUTIONS: Final = tuple(f"inst-{n:03d}" for n in range(2, 8))
STORYS_CITY: Final = "410100"
QUOTA: Final = 'total: 20, synthetic: true, annex: quota-rural, allocation: {"410100": 20}'
CITIES: Final = [code for code in UNITS["lists"][0]["members"] if code != STORYS_CITY]
PAGE: Final = 50
DESK: Final = [accounts.account(f"desk-{role}", role, unit="410000") for role in ("city", "school", "institution")]


def share(index: int) -> int:
    """How many teachers the i-th unit sends."""
    whole, rest = divmod(TEACHERS, len(CITIES))
    return whole + (index < rest)


def spare(index: int) -> int:
    """How many places the i-th unit leaves empty: the table shall have something to rank."""
    return index % 4


@dataclass
class Crowd:
    """The driver's own account of what was accepted; the figures are compared with it."""

    places: list[dict[str, Any]] = field(default_factory=list)
    classes: dict[str, list[str]] = field(default_factory=dict)

    async def publish(self, stage: Stage) -> None:
        """The story's units, a school in each other city, six institutions; the year with places for every city."""
        stage.officers = [*accounts.OFFICERS, *DESK]
        await introduce(stage)
        province = await stage.as_("province")
        await province.text("/enrolment/units:import", units_file(), "application/yaml")
        await stage.stepper.settle()
        await put_contacts(stage, [*CITIES, *[f"{c}-s001" for c in CITIES], *INSTITUTIONS], first=10)
        await post_policy(province, YEAR, policy())
        body = {"programme": YEAR, "project": PROJECT, "institutions": ["inst-001", *INSTITUTIONS]}
        await province.post("/enrolment/commissions", body)
        stage.others["quota"] = sum(share(i) + spare(i) for i in range(len(CITIES)))
        school = names("crowd.school")["en"]
        stage.unfilled += [(school, PROJECT, spare(i)) for i in range(len(CITIES)) if spare(i)]

    async def pass_quota_down(self, stage: Stage) -> None:
        """Each city gives all its places to its school."""
        desk = await stage.as_("desk-city")

        async def give(index: int) -> None:
            code = CITIES[index]
            body = {"from": code, "to": [{"unit": f"{code}-s001", "places": share(index) + spare(index)}]}
            await desk.post(f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/quota", body)

        await each(range(len(CITIES)), give)

    async def send_rosters(self, stage: Stage) -> None:
        """Each city sends a file; everyone in it is selected."""
        desk = await stage.as_("desk-city")
        stage.strangers = roster.teachers(TEACHERS, seed=2022, first=1000)
        people = iter(stage.strangers)

        async def send(index: int) -> str:
            rows = roster.workbook([next(people) for _ in range(share(index))], CITIES[index] + "-s001", bad=False)
            path = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/imports"
            job = await desk.upload(path, f"{CITIES[index]}.xlsx", rows, XLSX, unit=CITIES[index])
            return f"/enrolment/imports/{job['job_id']}"

        jobs = await each(range(len(CITIES)), send)
        await stage.stepper.settle()
        if wrong := [f for job in await each(jobs, desk.get) for f in job["findings"]]:
            raise ValueError(wrong[0])
        self.places = [p for page in await each(CITIES, lambda code: places_of(desk, code)) for p in page]
        stage.others["selected"] = TEACHERS

    async def register(self, stage: Stage) -> None:
        """All but one in 25 register."""
        school = await stage.as_("desk-school")
        chosen = [p["place_id"] for i, p in enumerate(self.places) if i % 25]
        for some in slices(chosen, 1000):
            await school.post("/enrolment/registrations", {"place_ids": some})
        stage.others["registered"] = len(chosen)

    async def open_classes(self, stage: Stage) -> None:
        """59 classes of six institutions: scheduled, staffed, their notices handed in, opened."""
        desk = await stage.as_("desk-institution")
        size = -(-TEACHERS // CLASSES)
        lists = slices([p["place_id"] for p in self.places], size)

        async def run(number: int) -> None:
            class_id = await open_class(desk, number, lists[number])
            self.classes[class_id] = lists[number]

        await each(range(len(lists)), run)
        await stage.stepper.settle()

    async def check_in(self, stage: Stage) -> None:
        """One in a hundred is excused, all others sign; the next evening check-in is closed."""
        city, desk = await stage.as_("desk-city"), await stage.as_("desk-institution")
        away = {p["place_id"] for i, p in enumerate(self.places) if i % 100 == 50}

        async def excuse(place_id: str) -> None:
            await city.post(f"/enrolment/places/{place_id}/excuse", {"reason": "illness", "evidence": ["medical_certificate"]})  # fmt: skip

        async def sign(class_id: str) -> None:
            came = [p for p in self.classes[class_id] if p not in away]
            body = {"place_ids": came, "reason": zh("crowd.signed")}
            await desk.post(f"/enrolment/classes/{class_id}/signed-list", body)

        async def close(class_id: str) -> None:
            await desk.post(f"/enrolment/classes/{class_id}/checkin-closing", {"held": True})

        await each(away, excuse)
        await each(self.classes, sign)
        await stage.stepper.to(at(8, 28, 18, 30))
        await each(self.classes, close)
        self.classes = {c: [p for p in ids if p not in away] for c, ids in self.classes.items()}
        stage.others["expected"], stage.others["checked_in"] = TEACHERS, TEACHERS - len(away)

    async def complete(self, stage: Stage) -> None:
        """Everyone who came completes."""
        await stage.stepper.to(at(9, 11))
        desk = await stage.as_("desk-institution")

        async def end(class_id: str) -> None:
            await desk.post(f"/enrolment/classes/{class_id}/completion", {"place_ids": self.classes[class_id]})

        await each(self.classes, end)
        await stage.stepper.settle()
        stage.others["completed"] = sum(map(len, self.classes.values()))

    def chapters(self) -> list[Chapter]:
        """The story's chapters with the crowd's between them."""
        after: dict[Any, Callable[[Stage], Awaitable[None]]] = {
            rural.pass_quota_down: self.pass_quota_down,
            rural.import_roster: self.send_rosters,
            rural.register: self.register,
            rural.open_class: self.open_classes,
            rural.check_in: self.check_in,
            rural.dismiss_and_complete: self.complete,
        }
        told: list[Chapter] = []
        for title, chapter in CHAPTERS:
            told.append((title, self.publish if chapter is rural.publish else chapter))
            if own := after.get(chapter):
                words = both(f"crowd_chapters.{own.__name__}", teachers=TEACHERS, classes=CLASSES)
                told.append((words, own))
        return told


async def open_class(desk: Api, number: int, place_ids: list[str]) -> str:
    """One class, ready and open; gives its id."""
    name = names("crowd.name", n=number + 8)
    return await begin_class(desk, {
        "programme": YEAR, "cohort": COHORT, "institution": INSTITUTIONS[number % len(INSTITUTIONS)], "name": name,
        "period": 1 + number // len(INSTITUTIONS), "theme": zh("class.theme"), "address": zh("crowd.address"),
        "starts_on": "2021-08-27", "ends_on": "2021-09-10"}, place_ids)  # fmt: skip


async def places_of(desk: Api, unit: str) -> list[dict[str, Any]]:
    """All places of a unit's teachers in the year."""
    found: list[dict[str, Any]] = []
    while True:
        page = await desk.get("/enrolment/places", programme=YEAR, unit=unit, page=1 + len(found) // PAGE)
        found += page["places"]
        if len(found) >= page["total"]:
            return found


def slices(items: list[str], size: int) -> list[list[str]]:
    """The items in lists of at most ``size``."""
    return [items[i : i + size] for i in range(0, len(items), size)]


def policy() -> str:
    """The year with rural places for all 28 reporting units; the spread is invented and marked so."""
    spread = {STORYS_CITY: 20} | {code: share(i) + spare(i) for i, code in enumerate(CITIES)}
    whole = f"total: {sum(spread.values())}, synthetic: true, annex: quota-rural, allocation: {json.dumps(spread)}"
    text = (POLICIES / f"{YEAR}.yaml").read_text("utf-8")
    if QUOTA not in text:
        raise ValueError(f"{YEAR}.yaml no longer gives the rural places as {QUOTA!r}")
    return text.replace(QUOTA, whole)


def units_file() -> str:
    """A school in each of the other cities and six institutions."""
    schools = [unit(f"{code}-s001", "school", code, names("crowd.school"), school_kind="township", rural=True) for code in CITIES]  # fmt: skip
    institutions = [unit(code, "institution", "410000", names("crowd.institution", n=code[-1])) for code in INSTITUTIONS]  # fmt: skip
    return file_of([*schools, *institutions], {"410000", *CITIES})
