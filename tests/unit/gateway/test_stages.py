"""How far a programme year is, from its figures."""

import pytest

from deploy.gateway.stages import stages

NOTHING = {"projects": 1, "units": 0, "quota": 0, "selected": 0, "registered": 0, "expected": 0, "checked_in": 0,
           "completed": 0, "classes": 0, "classes_opened": 0}  # fmt: skip
QUOTA = {**NOTHING, "units": 3, "quota": 20}
SELECTED = {**QUOTA, "selected": 20}
OPENED = {**SELECTED, "classes": 1, "classes_opened": 1}
CLOSED = {**OPENED, "expected": 20, "checked_in": 18}


@pytest.mark.parametrize(("year", "present"), [
    ({**NOTHING, "projects": 0}, "publish"), (NOTHING, "quota"), (QUOTA, "select"), ({**QUOTA, "selected": 19}, "select"),
    (SELECTED, "open"), ({**SELECTED, "classes": 2, "classes_opened": 1}, "open"), (OPENED, "checkin"),
    (CLOSED, "complete"), ({**CLOSED, "completed": 17}, "league"),
])  # fmt: skip
def test_the_first_unfinished_stage_is_the_present_one(year: dict[str, int], present: str) -> None:
    found = stages(year)
    (now,) = [s.key for s in found if s.state == "now"]
    assert now == present
    order = [s.state for s in found]
    assert order == sorted(order, key=["done", "now", "todo"].index)


def test_a_later_stage_closes_the_earlier_ones() -> None:
    assert next(s.key for s in stages({**OPENED, "selected": 19}) if s.state == "now") == "checkin"


def test_figures_are_what_was_reached_of_what_was_planned() -> None:
    reached = {s.key: (s.done, s.whole) for s in stages({**CLOSED, "completed": 17})}
    assert reached["select"] == (20, 20)
    assert reached["checkin"] == (18, 20)
    assert reached["complete"] == (17, 18)
