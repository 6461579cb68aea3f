"""Documents owed and handed in time, by the policy's own deadlines."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.punctuality import Course, Handed, punctuality
from tests.support.year import at, policy

POLICY = policy()
ONE = Course("one", "rural", date(2021, 8, 26), date(2021, 9, 9))
TWO = Course("two", "rural", date(2021, 11, 1), date(2021, 11, 15))


def handed(document: str, klass: str | None, when: datetime, *, on_time: bool = True) -> Handed:
    return Handed(document, "rural", klass, on_time, when)


@pytest.mark.rule("D12", "D04", "D05")
@pytest.mark.parametrize(
    ("as_of", "due"),
    [
        (at(7, 30), 0),  # the application is due by the end of this day
        (at(7, 31), 1),
        (at(8, 16), 1),  # the notice is due ten days before 26 August, that day included
        (at(8, 17), 2),
        (at(8, 22), 3),  # and the timetable five days before
    ],
)
def test_a_document_is_due_when_its_day_is_over(as_of: datetime, due: int) -> None:
    assert punctuality(POLICY, ["rural"], [ONE], [], as_of) == (due, 0)


def test_each_class_owes_its_own_notice_and_what_came_early_counts() -> None:
    given_papers = [handed("checkin-notice", "one", at(8, 5)), handed("checkin-notice", "two", at(8, 5))]
    assert punctuality(POLICY, ["rural"], [ONE, TWO], given_papers, at(7, 30)) == (2, 2)
    assert punctuality(POLICY, ["rural"], [ONE], [handed("checkin-notice", "other", at(8, 5))], at(8, 17)) == (2, 0)


def test_late_stays_late_and_what_came_first_counts() -> None:
    papers = [handed("timetable", "one", at(8, 23), on_time=False), handed("timetable", "one", at(8, 24))]
    assert punctuality(POLICY, ["rural"], [ONE], papers, at(8, 25)) == (3, 0)


def test_without_a_class_nothing_is_owed() -> None:
    assert punctuality(POLICY, ["rural"], [], [], at(12, 31)) == (0, 0)


@given(
    st.lists(
        st.tuples(st.sampled_from(["bulletin", "timetable", "checkin-notice"]), st.integers(0, 150), st.booleans())
    )
)
def test_never_more_on_time_than_due(papers: list[tuple[str, int, bool]]) -> None:
    given_papers = [handed(d, "one", at(7, 1) + timedelta(days=n), on_time=k) for d, n, k in papers]
    for as_of in (at(7, 15), at(8, 20), at(12, 31)):
        due, kept = punctuality(POLICY, ["rural"], [ONE], given_papers, as_of)
        assert 0 <= kept <= due
