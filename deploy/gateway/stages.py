"""The seven stages of a programme year, decided from its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Stage:
    """One stage: ``key`` names its words, ``done`` of ``whole`` its figures."""

    key: str
    state: Literal["done", "now", "todo"]
    done: int
    whole: int


def stages(year: Figures) -> Sequence[Stage]:
    """A stage is over when its figures say so or a later one has begun; the first that is not is the present one."""
    facts = [
        ("publish", year["projects"], year["projects"], year["projects"] > 0),
        ("quota", year["units"], year["units"], year["quota"] > 0),
        ("select", year["selected"], year["quota"], 0 < year["quota"] <= year["selected"]),
        ("open", year["classes_opened"], year["classes"], 0 < year["classes"] <= year["classes_opened"]),
        ("checkin", year["checked_in"], year["expected"], year["expected"] > 0),
        ("complete", year["completed"], year["checked_in"], year["completed"] > 0),
        ("league", year["units"], year["units"], False),
    ]
    begun = [i for i, (_, done, _, _) in enumerate(facts[:-1]) if done]
    over = [finished or any(j > i for j in begun) for i, (_, _, _, finished) in enumerate(facts)]
    present = over.index(False)
    return [
        Stage(key, "done" if over[i] else ("now" if i == present else "todo"), done, whole)
        for i, (key, done, whole, _) in enumerate(facts)
    ]
