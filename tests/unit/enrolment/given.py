"""Places, people and cells for the tests of enrolment's decisions. Synthetic."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.enrolment.places.domain import Bar, Candidate, Cell, Facts, Period, Place, Rules, apply
from shared.events.base import Names
from shared.events.enrolment import TraineeSelected
from shared.policy.eligibility import Condition, Marked, SchoolKindIn, YearsAtLeast

CIVIL = ZoneInfo("Asia/Shanghai")
NOW = datetime(2021, 7, 20, 9, tzinfo=CIVIL)
DAYS = Period(date(2021, 8, 20), date(2021, 9, 3))
RURAL: list[Condition] = [
    SchoolKindIn(kinds=("township",), force="strict"),
    YearsAtLeast(of="teaching", years=5, force="strict"),
    Marked(mark="teaching_backbone", force="strict"),
]


def rules(conditions: list[Condition] | None = None) -> Rules:
    return Rules(
        programme_id="programme",
        policy_key="henan-2021",
        project="rural",
        cohort="rural-teacher",
        cohort_kind="trainee",
        plan_level="province",
        forms=["in_person", "online"],
        conditions=RURAL if conditions is None else conditions,
        days=DAYS,
    )


def facts(**changes: Any) -> Facts:
    usual: dict[str, Any] = {
        "born_on": date(1985, 3, 1),
        "teaching_since": date(2010, 9, 1),
        "marks": ["teaching_backbone"],
        "school_kind": "township",
        "rural": True,
    }
    return Facts(**usual | changes)


def candidate(i: int | str = 0, unit: str = "school", **changes: Any) -> Candidate:
    usual: dict[str, Any] = {"facts": facts(), "held": None, "bars": [], "away": []}
    return Candidate(
        place_id=f"place-{i}", person_id=f"person-{i}", unit_id=unit, unit_path=f"/p/{unit}/", **usual | changes
    )


def cell(places: int, selected: int = 0, unit: str = "school") -> dict[str, Cell]:
    names = Names("示例小学", "Example school")
    return {unit: Cell(cell_id=f"cell-{unit}", unit_id=unit, unit=names, places=places, selected=selected)}


def bar(person: str, starts_on: date, ends_before: date, **changes: Any) -> Bar:
    usual: dict[str, Any] = {"plan_levels": ["province"], "forms": ["in_person"]}
    return Bar(entry_id="entry", person_id=person, starts_on=starts_on, ends_before=ends_before, **usual | changes)


def place(i: int | str = 0) -> Place:
    return apply(
        None,
        TraineeSelected(
            place_id=f"place-{i}",
            person_id=f"person-{i}",
            programme_id="programme",
            policy_key="henan-2021",
            project="rural",
            cohort="rural-teacher",
            cohort_kind="trainee",
            plan_level="province",
            forms=["in_person", "online"],
            unit_id="school",
            unit_path="/p/school/",
            selected_at=NOW,
            met_every_condition=True,
        ),
    )
