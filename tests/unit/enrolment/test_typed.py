"""What people type into number and date fields: read, or refused, and never a failure of the page."""

from datetime import date

import pytest
from starlette.datastructures import FormData

from services.enrolment.classes.pages import day_of, number, version_seen
from services.enrolment.overrides.pages import _reasons
from services.enrolment.rosters.domain.cells import first_day
from shared.problems import Problem

NONE = ["", "x", "²", "2²", "-1", "1.5", "1 000", "十五", "①", "1" * 7, "1" * 5000]


@pytest.mark.parametrize(("text", "meant"), [("0", 0), ("007", 7), ("１５", 15), ("999999", 999_999)])
def test_whole_numbers_are_read_in_either_width(text: str, meant: int) -> None:
    assert number(text) == meant


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_none_wherever_one_is_typed(text: str) -> None:
    assert number(text) is None
    assert version_seen(FormData({"version": text})) is None
    assert day_of(FormData({"a-year": text, "a-month": "1", "a-day": "1"}), "a") is None
    with pytest.raises(Problem, match="override-no-reason"):
        _reasons(FormData({f"reason-{text}": "long enough to be a reason"}))


def test_a_day_is_read_in_full_width_digits_and_must_exist() -> None:
    assert day_of(FormData({"a-year": "２０２１", "a-month": "8", "a-day": "23"}), "a") == date(2021, 8, 23)
    assert day_of(FormData({"a-year": "2021", "a-month": "2", "a-day": "30"}), "a") is None


def test_a_cell_with_thousands_of_digits_is_no_day() -> None:
    assert first_day("201009") == date(2010, 9, 1)
    assert first_day("20100901") == date(2010, 9, 1)
    assert first_day("1" * 5000) is None
