"""The counts of each row of a table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .facts import Facts, Steps
from .papers import owed
from .streams import Body

Counts = Mapping[str, Any]
PERSONS = ("selected", "registered", "expected", "checked_in", "completed", "met_every_condition", "excused")
POINTS = ("inspections", "inspection_score", "inspection_max")
NOBODY: Counts = {
    "quota": None,
    **dict.fromkeys((*PERSONS, "documents_due", "documents_on_time"), 0),
    **dict.fromkeys(POINTS),
}


def units(
    facts: Facts, year: Body, projects: list[str], as_of: datetime, *, level: str, leave_excused: bool = False
) -> dict[str, Counts]:
    """By code, units of a level: those with figures, and all valid ones unless it is the last level; ``""`` is the rest."""
    policy, people = year["policy"], defaultdict[str, list[Steps]](list)
    for place in facts.places_of(year["key"], projects):
        people[facts.at_level(place["trainee.selected"]["unit_path"], level)].append(place)
    quota = places_given(facts, year, projects, level)
    today = as_of.astimezone(ZoneInfo(policy["calendar"]["timezone"])).date().isoformat()
    idle = level != policy["units"]["levels"][-1]["key"]
    listed = {
        unit_id
        for unit_id, unit in facts.units.items()
        if unit["level"] == level and unit["path"].startswith(year["issuer_path"]) and idle and valid(unit, today)
    }
    return {
        facts.units[unit]["code"] if unit else "": {
            **persons(policy, people[unit], leave_excused=leave_excused),
            "quota": quota.get(unit, 0),
        }
        for unit in listed | people.keys() | quota.keys()
    }


def valid(unit: Body, today: str) -> bool:
    """Whether a unit exists on a day."""
    return (unit.get("valid_from") or "") <= today < (unit.get("valid_until") or "9999")


def places_given(facts: Facts, year: Body, projects: list[str], level: str) -> dict[str, int]:
    """The quota of each unit of a level: what was given to it, or past it to a unit further down."""
    levels = [entry["key"] for entry in year["policy"]["units"]["levels"]]
    above, below = levels[: levels.index(level)], levels[levels.index(level) + 1 :]
    found = defaultdict[str, int](int)
    for cell in facts.cells.values():
        own, parent = facts.units[cell["unit_id"]]["level"], facts.cells.get(cell["parent_cell_id"] or "")
        past = own in below and (parent is None or facts.units[parent["unit_id"]]["level"] in above)
        if cell["policy_key"] == year["key"] and cell["project"] in projects and (own == level or past):
            found[facts.at_level(cell["unit_path"], level)] += cell["places"]
    return found


def institutions(
    facts: Facts, year: Body, projects: list[str], as_of: datetime, *, leave_excused: bool = False
) -> dict[str, Counts]:
    """By code, institutions with places, classes or inspections."""
    people, classes, scores = (defaultdict[str, list[Any]](list) for _ in range(3))
    for place in facts.places_of(year["key"], projects):
        if "trainee.assigned" in place:
            people[place["trainee.assigned"]["institution_id"]].append(place)
    for found, bodies in ((classes, facts.classes), (scores, facts.scores)):
        for body in bodies:
            if body["policy_key"] == year["key"] and body["project"] in projects:
                found[body["institution_id"]].append(body)
    return {
        facts.units[unit]["code"]: {
            **persons(year["policy"], people[unit], leave_excused=leave_excused),
            **papers(facts, year, projects, classes[unit], as_of),
            **points(scores[unit]),
        }
        for unit in people.keys() | classes.keys() | scores.keys()
    }


def persons(policy: Body, places: Iterable[Steps], *, leave_excused: bool) -> Counts:
    """How many places are at which point, with those that are excused or without them."""
    return total([one(policy, place) for place in places if not (leave_excused and is_excused(place))])


def is_excused(place: Steps) -> bool:
    """Whether an absence was accepted; who came all the same was not absent."""
    return "trainee.excused" in place and "trainee.checked_in" not in place


def one(policy: Body, place: Steps) -> Counts:
    """What one place adds. The policy says whether the excused are expected, and what stands for check-in where there is none."""
    chosen = place["trainee.selected"]
    expected, came, completed = (f"trainee.{step}" in place for step in ("expected", "checked_in", "completed"))
    registered = "trainee.registered" in place
    counts = {**NOBODY, "selected": 1, "registered": registered, "excused": expected and is_excused(place),
              "met_every_condition": chosen["met_every_condition"]}  # fmt: skip
    rules = policy["table_rules"]
    if is_excused(place) and not rules["excused_in_expected"]:
        return counts
    if not has_checkin(policy, chosen["cohort"]):
        stands = {"registered": registered}[rules["without_checkin_use"]]
        return {**counts, "expected": stands, "checked_in": stands, "completed": completed}
    came = came and expected
    return {**counts, "expected": expected, "checked_in": came, "completed": came and completed}


def has_checkin(policy: Body, cohort: str) -> bool:
    """Whether a cohort has a form of training to which people check in."""
    forms = {form["key"] for form in policy["forms"] if form["checkin"]}
    return any(
        phase["form"] in forms
        for p in policy["projects"]
        for c in p["cohorts"]
        if c["key"] == cohort
        for phase in c["phases"]
    )


def papers(facts: Facts, year: Body, projects: list[str], classes: Sequence[Body], as_of: datetime) -> Counts:
    """Documents that are due or came, and how many came in time."""
    ids = {body["institution_id"] for body in classes}
    handed = [
        p
        for p in facts.papers
        if p["policy_key"] == year["key"] and p["project"] in projects and p["institution_id"] in ids
    ]
    debts = [
        debt
        for document in year["policy"]["documents"]
        for debt in owed(year["policy"], document, projects, classes, handed, as_of)
    ]
    return {"documents_due": sum(due for due, _ in debts), "documents_on_time": sum(kept for _, kept in debts)}


def points(scores: Sequence[Body]) -> Counts:
    """The points of all inspections, and what they could have given."""
    given, most = (sum((Decimal(body[name]) for body in scores), Decimal(0)) for name in ("score", "max"))
    return {"inspections": len(scores), "inspection_score": given, "inspection_max": most}


def total(rows: Iterable[Counts]) -> Counts:
    """The sum of some rows; what exists in none of them does not exist in the sum."""
    summed = dict(NOBODY)
    for row in rows:
        for name, value in row.items():
            summed[name] = summed[name] if value is None else (summed[name] or 0) + value
    return summed
