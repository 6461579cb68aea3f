"""Drives a load through the public surface and keeps a ledger of its own: what it asked for, and what was accepted."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from deploy.demo import roster
from deploy.demo.client import Api, Refused
from deploy.demo.story import COHORT, POLICIES, XLSX, YEAR, Stage, at, pass_quota_down, publish

PATIENCE: Final = 90.0
BETWEEN_TRIES: Final = 0.2
PER_CLASS: Final = 100


@dataclass
class Accepted:
    """The driver's ledger: the ids that the system said yes to."""

    job_id: str = ""
    classes: list[str] = field(default_factory=list)
    assigned: dict[str, list[str]] = field(default_factory=dict)
    tries: int = 0


async def insist(ledger: Accepted, ask: Callable[[str], Awaitable[Any]]) -> Any:
    """Ask with one Idempotency-Key until there is an answer; a dead service is asked again, a refusal is not."""
    key, deadline = str(uuid.uuid4()), time.monotonic() + PATIENCE
    while True:
        ledger.tries += 1
        try:
            return await ask(key)
        except httpx.TransportError:
            pass
        except Refused as refused:
            if refused.problem.get("status", 500) < httpx.codes.INTERNAL_SERVER_ERROR:
                raise
        assert time.monotonic() < deadline, "no answer in time"
        await asyncio.sleep(BETWEEN_TRIES)


def enlarged(places: int) -> str:
    """The story's policy with another number of places."""
    text = (POLICIES / f"{YEAR}.yaml").read_text()
    return text.replace("total: 20,", f"total: {places},").replace('"410100": 20', f'"410100": {places}')


async def prepare(stage: Stage, places: int) -> None:
    """Publish the year with so many places, all of them at the school."""
    await publish(stage, enlarged(places))
    await pass_quota_down(stage, places=places)
    await stage.stepper.to(at(7, 20))


async def import_people(stage: Stage, ledger: Accepted, people: list[roster.Teacher]) -> dict[str, Any]:
    """Upload one roster and follow its job to the end."""
    county = await stage.as_("county")
    book = roster.workbook(people, bad=False)
    path = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/imports"
    job = await insist(ledger, lambda key: county.upload(path, "roster.xlsx", book, XLSX, key=key))
    ledger.job_id = job["job_id"]
    while True:
        state: dict[str, Any] = await insist(ledger, lambda _: county.get(f"/enrolment/imports/{ledger.job_id}"))
        if state["status"] in {"done", "failed"}:
            return state
        await asyncio.sleep(BETWEEN_TRIES)


async def open_classes(stage: Stage, ledger: Accepted, place_ids: list[str]) -> None:
    """Classes of a hundred: schedule, staff, assign, open; each command until it is answered."""
    institution = await stage.as_("institution")
    for number, start in enumerate(range(0, len(place_ids), PER_CLASS), start=len(ledger.classes) + 1):
        group = place_ids[start : start + PER_CLASS]
        class_id = await one_class(institution, ledger, number, group)
        ledger.classes.append(class_id)
        ledger.assigned[class_id] = group


async def one_class(api: Api, ledger: Accepted, number: int, group: list[str]) -> str:
    body = {"programme": YEAR, "cohort": COHORT, "institution": "inst-001", "period": number, "theme": "测试主题", "address": "示例校区",
            "name": {"zh": f"测试{number:02}班", "en": f"Test class {number:02}"}, "starts_on": "2021-08-23", "ends_on": "2021-09-06"}  # fmt: skip
    made = await insist(ledger, lambda key: api.post("/enrolment/classes", body, key=key))
    own = f"/enrolment/classes/{made['class_id']}"
    roles = ("chief_expert", "subject_class_teacher", "life_class_teacher")
    staff = {"staff": [{"role": r, "name": f"{r}（合成）", "phone": f"1390008800{i}"} for i, r in enumerate(roles)]}
    await insist(ledger, lambda key: api.post(f"{own}/staff", staff, key=key))
    await insist(ledger, lambda key: api.post(f"{own}/places", {"place_ids": group}, key=key))
    await insist(ledger, lambda key: api.post(f"{own}/open", key=key))
    class_id: str = made["class_id"]
    return class_id
