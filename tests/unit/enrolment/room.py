"""A class and its policy for the tests of enrolment's decisions. Synthetic."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.enrolment.classes.domain import Class, Schedule, apply, decide_schedule, resolve
from services.enrolment.places.domain import Assign, Place, Register, decide_assign, decide_register
from services.enrolment.places.domain import apply as apply_place
from shared.events import Names
from shared.events.enrolment import ClassScheduled
from shared.policy import Policy, load
from tests.unit.enrolment import given

CIVIL = ZoneInfo("Asia/Shanghai")
COHORT = "rural-teacher"
START = date(2021, 8, 26)
STAFF = {"chief_expert": 1, "subject_class_teacher": 1, "life_class_teacher": 1}


def at(month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0, *, year: int = 2021) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=CIVIL)


@cache
def policy() -> Policy:
    return load((Path(__file__).parents[3] / "deploy" / "policies" / "henan-2021.yaml").read_text("utf-8"))


def schedule(starts_on: date = START, ends_on: date | None = None, **changes: Any) -> Schedule:
    usual: dict[str, Any] = {
        "class_id": "class",
        "programme_id": "programme",
        "cohort": COHORT,
        "institution_id": "institution",
        "institution_path": "/p/institution/",
        "name": Names("乡村骨干07班", "Rural class 07"),
        "period": 7,
        "themes": ["乡村课堂教学改进"],
        "address": "示例师大东校区",
        "dates": resolve(policy(), starts_on, ends_on or starts_on + timedelta(days=14)),
    }
    return Schedule(**usual | changes)


def scheduled(**changes: Any) -> Class:
    event = decide_schedule(schedule(**changes), policy(), at(8, 2))
    assert isinstance(event, ClassScheduled)
    return apply(None, event)


def listed(number: int, *, registered: bool = True) -> dict[str, Place]:
    """Places on the list of the class."""
    places = {f"place-{i}": given.place(i) for i in range(number)}
    if registered:
        decided = decide_register([Register(place_id=i) for i in places], places, given.NOW)
        places = {e.place_id: apply_place(places[e.place_id], e) for e in decided.events}
    commands = [
        Assign(place_id=i, class_id="class", institution_id="institution", institution_path="/p/institution/")
        for i in places
    ]
    return {e.place_id: apply_place(places[e.place_id], e) for e in decide_assign(commands, places).events}
