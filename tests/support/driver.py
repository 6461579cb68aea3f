"""Drives a load through the public surface and keeps a ledger of its own: what it asked for, and what was accepted."""

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from deploy.demo import roster
from deploy.demo.client import Api, Refused
from deploy.demo.rural import pass_quota_down, publish
from deploy.demo.stage import COHORT, POLICIES, XLSX, YEAR, Stage, at

T = TypeVar("T")
PATIENCE: Final = 240.0  # s; a busy machine may need long to start a service again
BETWEEN_TRIES: Final = 0.2
BETWEEN_ROSTERS, BETWEEN_CLASSES = 2.0, 0.5  # s; two cores also run what is killed
PLAN: Final = re.compile(r"^    - key: (?P<key>\S+)\n(?:      .*\n)+", re.MULTILINE)  # a reminder, with all its lines
DAYS: Final = ("2021-08-23", "2021-09-06")
FIRST_ROW: Final = 2  # of a workbook; above it are the headings
COHORT_PATH: Final = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}"


@dataclass
class Accepted:
    """The driver's ledger: what the system said yes to, taken from its answers alone.

    ``selected`` counts by import job; ``people`` are the addresses in the rows that the jobs accepted; ``places`` are ids as
    the list of places tells them (``list_places``); ``answers`` are the moments (machine clock, s) at which a command was answered.
    """

    selected: dict[str, int] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    assigned: dict[str, list[str]] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)


def portions(of: Sequence[T], size: int) -> list[list[T]]:
    """Cut into lists of this size; the last one may be shorter."""
    return [list(of[i : i + size]) for i in range(0, len(of), size)]


async def insist(ask: Callable[[str], Awaitable[Any]]) -> Any:
    """Ask with one Idempotency-Key until there is an answer; a dead service is asked again, a refusal is not."""
    key, deadline = str(uuid.uuid4()), time.monotonic() + PATIENCE
    while True:
        try:
            return await ask(key)
        except httpx.TransportError:
            pass
        except Refused as refused:
            if refused.problem.get("status", 500) < httpx.codes.INTERNAL_SERVER_ERROR:
                raise
        assert time.monotonic() < deadline, "no answer in time"
        await asyncio.sleep(BETWEEN_TRIES)


async def command(ledger: Accepted, ask: Callable[[str], Awaitable[Any]]) -> Any:
    """A command until it is answered; the moment is noted."""
    answer = await insist(ask)
    ledger.answers.append(time.monotonic())
    return answer


def enlarged(places: int) -> str:
    """The story's policy with another number of places."""
    text = (POLICIES / f"{YEAR}.yaml").read_text()
    return text.replace("total: 20,", f"total: {places},").replace('"410100": 20', f'"410100": {places}')


def quiet(policy: str, reminders: Collection[str]) -> str:
    """The story's policy with these of its reminders alone."""
    before, heading, plans = policy.partition("\n  plans:\n")
    return before + heading + PLAN.sub(lambda plan: plan[0] if plan["key"] in reminders else "", plans)


async def prepare(stage: Stage, places: int, reminders: Collection[str] | None = None) -> None:
    """Publish the year with so many places, all of them at the school; with these of its reminders, if not with all."""
    policy = enlarged(places)
    await publish(stage, policy if reminders is None else quiet(policy, reminders))
    await pass_quota_down(stage, places=places)
    await stage.stepper.to(at(7, 20))


async def import_people(stage: Stage, ledger: Accepted, people: Sequence[roster.Teacher]) -> dict[str, Any]:
    """Upload one roster and follow its job to the end."""
    return await follow(stage, ledger, people, await upload(stage, ledger, people))


async def upload(stage: Stage, ledger: Accepted, people: Sequence[roster.Teacher]) -> str:
    """Upload one roster; gives its job, which begins at once."""
    county, book = await stage.as_("county"), roster.workbook(list(people), bad=False)
    job = await command(ledger, lambda key: county.upload(f"{COHORT_PATH}/imports", "roster.xlsx", book, XLSX, key=key))
    return str(job["job_id"])


async def begun(stage: Stage, job: str) -> None:
    """Ask until the job of a roster is being worked off, without a pause: that takes less than a second."""
    county = await stage.as_("county")
    while (await insist(lambda _: county.get(f"/enrolment/imports/{job}")))["status"] == "queued":
        continue


async def follow(stage: Stage, ledger: Accepted, people: Sequence[roster.Teacher], job: str) -> dict[str, Any]:
    """Ask for the job of a roster until it is over."""
    county = await stage.as_("county")
    while True:
        state: dict[str, Any] = await insist(lambda _: county.get(f"/enrolment/imports/{job}"))
        if state["status"] in {"done", "failed"}:
            ledger.selected[job] = state["selected"]
            ledger.people += accepted_rows(people, state)
            return state
        await asyncio.sleep(BETWEEN_TRIES)


def accepted_rows(people: Sequence[roster.Teacher], state: Mapping[str, Any]) -> list[str]:
    """The addresses in those rows of a workbook that the job does not report as undone."""
    undone = {finding["row"] for finding in state["findings"]}
    return [t.email for row, t in enumerate(people, start=FIRST_ROW) if state["status"] == "done" and row not in undone]


async def list_places(stage: Stage, ledger: Accepted) -> list[str]:
    """Every place, page by page, as the county sees them."""
    county, found, page = await stage.as_("county"), list[str](), 0
    while True:
        page += 1
        answer = await insist(lambda _, page=page: county.get("/enrolment/places", programme=YEAR, page=page))  # type: ignore[misc]  # mypy types no default of a lambda
        found += [p["place_id"] for p in answer["places"]]
        if len(found) >= answer["total"] or not answer["places"]:
            ledger.places = found
            return found


async def import_until(
    over: asyncio.Event, stage: Stage, ledger: Accepted, rosters: Iterable[list[roster.Teacher]]
) -> None:
    """Small rosters one after the other until it is over; the last one comes after that."""
    for people in rosters:
        last = over.is_set()
        state = await import_people(stage, ledger, people)
        assert (state["status"], state["selected"], state["errors"]) == ("done", len(people), 0)
        if last:
            return
        await pause(over, BETWEEN_ROSTERS)


async def open_until(over: asyncio.Event, stage: Stage, ledger: Accepted, groups: Iterable[list[str]]) -> None:
    """Small classes one after the other until it is over; the last one comes after that."""
    for group in groups:
        last = over.is_set()
        await open_classes(stage, ledger, [group])
        if last:
            return
        await pause(over, BETWEEN_CLASSES)


async def pause(over: asyncio.Event, seconds: float) -> None:
    """The load leaves the machine some air."""
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)


async def open_classes(
    stage: Stage, ledger: Accepted, groups: Iterable[list[str]], days: tuple[str, str] = DAYS
) -> None:
    """A class of each group, on these days: schedule, staff, assign, open; each command until it is answered."""
    institution = await stage.as_("institution")
    for group in groups:
        class_id = await one_class(institution, ledger, days, group)
        ledger.classes.append(class_id)
        ledger.assigned[class_id] = group


async def one_class(api: Api, ledger: Accepted, days: tuple[str, str], group: list[str]) -> str:
    number = len(ledger.classes) + 1
    body = {"programme": YEAR, "cohort": COHORT, "institution": "inst-001", "period": number, "theme": "测试主题", "address": "示例校区",
            "name": {"zh": f"测试{number:02}班", "en": f"Test class {number:02}"}, "starts_on": days[0], "ends_on": days[1]}  # fmt: skip
    made = await command(ledger, lambda key: api.post("/enrolment/classes", body, key=key))
    own = f"/enrolment/classes/{made['class_id']}"
    roles = ("chief_expert", "subject_class_teacher", "life_class_teacher")
    staff = {"staff": [{"role": r, "name": f"{r}（合成）", "phone": f"1390008800{i}"} for i, r in enumerate(roles)]}
    await command(ledger, lambda key: api.post(f"{own}/staff", staff, key=key))
    listed = await command(ledger, lambda key: api.post(f"{own}/places", {"place_ids": group}, key=key))
    assert listed["assigned"] == len(group)
    await command(ledger, lambda key: api.post(f"{own}/open", key=key))
    class_id: str = made["class_id"]
    return class_id
