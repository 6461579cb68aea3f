"""Deadlines, anchors, ban days and send times, by the values of the rules."""

from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy
from shared.policy.common import Duration, Moment
from shared.policy.dates import Calendar, ChecksBeforeClass
from shared.policy.lookup import deadline, deadline_due, plan
from shared.policy.moments import (
    accepts,
    ban_days,
    due_at,
    into_window,
    is_open,
    offset_at,
    opens_at,
    reply_until,
    send_at,
    shift,
)
from shared.policy.reminders import Offset, SendWindow

SHANGHAI = timezone(timedelta(hours=8))
SECOND = timedelta(seconds=1)
STAND_IN = ChecksBeforeClass(date=date(2021, 8, 20))
INCLUSIVE = Calendar(timezone="Asia/Shanghai", day_end="inclusive", working_days=None, checks_before_class=STAND_IN)
EXCLUSIVE = Calendar(timezone="Asia/Shanghai", day_end="exclusive", working_days=None, checks_before_class=STAND_IN)
WINDOW = SendWindow(start=time(8), until=time(21))
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.rule("D07")
def test_selection_accepts_the_last_second_of_30_july_and_refuses_the_next(policy: Policy) -> None:
    due = deadline_due(policy, "selection-due", {})
    assert due == at("2021-07-30 23:59:59")
    assert accepts(at("2021-07-30 23:59:59"), due)
    assert accepts(at("2021-07-30 23:59:59.999999"), due)
    assert not accepts(at("2021-07-31 00:00:00"), due)
    entry = deadline(policy, "selection-due")
    assert entry.late == "refuse"
    assert is_open(entry, at("2021-07-16 00:00:00"), {}, policy.calendar)
    assert not is_open(entry, at("2021-07-15 23:59:59"), {}, policy.calendar)
    assert not is_open(entry, at("2021-07-31 00:00:00"), {}, policy.calendar)


@pytest.mark.rule("D07")
def test_the_deadline_is_that_of_shanghai_wherever_the_caller_is(policy: Policy) -> None:
    due = deadline_due(policy, "selection-due", {})
    assert due is not None
    assert accepts(datetime.fromisoformat("2021-07-30T15:59:59+00:00"), due)
    assert not accepts(datetime.fromisoformat("2021-07-30T16:00:00+00:00"), due)


@pytest.mark.rule("D01", "D03")
def test_institutions_owe_the_form_on_30_july_and_their_dates_on_10_august(policy: Policy) -> None:
    assert deadline_due(policy, "application-due", {}) == at("2021-07-30 23:59:59")
    assert deadline_due(policy, "class-start-due", {}) == at("2021-08-10 23:59:59")


@pytest.mark.rule("D04", "D03")
def test_an_early_class_owes_its_notice_before_its_date_is_due(policy: Policy) -> None:
    due = deadline_due(policy, "notice-due", {"class_start": date(2021, 8, 5)})
    assert due == at("2021-07-26 23:59:59")
    announced = deadline_due(policy, "class-start-due", {})
    assert announced is not None
    assert due < announced


@pytest.mark.rule("D04", "D05")
def test_notice_ten_days_and_timetable_five_days_before_the_class(policy: Policy) -> None:
    anchors = {"class_start": date(2021, 8, 26)}
    assert deadline_due(policy, "notice-due", anchors) == at("2021-08-16 23:59:59")
    assert deadline_due(policy, "timetable-due", anchors) == at("2021-08-21 23:59:59")
    assert deadline_due(policy, "notice-due", {}) is None
    assert {deadline(policy, key).late for key in ("notice-due", "timetable-due")} == {"record"}


@pytest.mark.rule("D10")
def test_thirty_days_after_the_end_may_fall_in_the_next_year(policy: Policy) -> None:
    assert deadline_due(policy, "reports-due", {"project_end": date(2021, 12, 10)}) == at("2022-01-09 23:59:59")


@pytest.mark.rule("L08")
@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2021, 11, 30), date(2024, 11, 30)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2021, 9, 28), date(2024, 9, 28)),
    ],
)
def test_a_ban_ends_with_the_same_calendar_day_three_years_on(policy: Policy, start: date, last: date) -> None:
    assert policy.ban is not None
    assert ban_days(start, policy.ban) == (start, last + timedelta(days=1))


@pytest.mark.rule("L10")
def test_the_reply_window_is_fifteen_days_to_the_last_second(policy: Policy) -> None:
    assert policy.ban is not None
    assert reply_until(at("2021-09-02 10:30:00"), policy.ban, policy.calendar) == at("2021-09-17 23:59:59")


def test_check_in_opens_in_the_morning_and_closes_the_next_evening(policy: Policy) -> None:
    window, anchors = policy.participation.checkin, {"class_start": date(2021, 8, 26)}
    assert opens_at(window.opens, anchors, policy.calendar) == at("2021-08-26 08:00:00")
    assert due_at(window.closes, anchors, policy.calendar) == at("2021-08-27 18:00:00")
    registration = policy.participation.registration
    assert opens_at(registration.opens, {"selected": at("2021-07-20 10:00:00")}, policy.calendar) == at(
        "2021-07-20 10:00:00"
    )
    assert opens_at(registration.opens, {}, policy.calendar) is None


def test_an_exclusive_end_stops_before_the_day() -> None:
    due = Moment(date=date(2021, 7, 30))
    assert due_at(due, {}, EXCLUSIVE) == at("2021-07-29 23:59:59")
    assert opens_at(due, {}, EXCLUSIVE) == at("2021-07-30 00:00:00")


def test_months_end_where_the_day_is_missing() -> None:
    assert shift(date(2021, 1, 31), Duration(months=1)) == date(2021, 2, 28)
    assert shift(date(2021, 3, 31), Duration(months=1), -1) == date(2021, 2, 28)
    assert shift(date(2021, 1, 1), Duration(weeks=2)) == date(2021, 1, 15)
    with pytest.raises(ValueError, match="only days"):
        shift(date(2021, 1, 1), Duration(working_days=3))


def test_hours_move_the_instant_and_days_move_the_day() -> None:
    anchors = {"itself": at("2021-08-17 10:30:00")}
    assert due_at(Moment(anchor="itself", after=Duration(hours=24)), anchors, INCLUSIVE) == at("2021-08-18 10:30:00")
    assert due_at(Moment(anchor="itself", after=Duration(calendar_days=1)), anchors, INCLUSIVE) == at(
        "2021-08-18 23:59:59"
    )
    noon = Moment(anchor="itself", after=Duration(calendar_days=1), at=time(12))
    assert due_at(noon, anchors, INCLUSIVE) == at("2021-08-18 12:00:00")


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        into_window(datetime(2021, 8, 1, 9), WINDOW, INCLUSIVE)  # noqa: DTZ001  (an instant without a zone is what it is about)


def test_reminders_before_the_class_go_out_at_nine(policy: Policy) -> None:
    offsets = plan(policy, "before-class").offsets
    sent = [offset_at(date(2021, 8, 23), offset, policy.reminders, policy.calendar) for offset in offsets]
    assert sent == [at("2021-08-16 09:00:00"), at("2021-08-20 09:00:00"), at("2021-08-22 09:00:00")]


def test_a_deadline_made_after_its_first_reminder_has_that_one_in_the_past(policy: Policy) -> None:
    due = deadline_due(policy, "selection-due", {})
    assert due is not None
    sent = [offset_at(due, offset, policy.reminders, policy.calendar) for offset in plan(policy, "selection").offsets]
    assert [instant.date().day for instant in sent] == [23, 27, 29, 30]
    assert plan(policy, "selection").if_late == "send_one_now"


def test_at_once_and_hours_keep_the_instant(policy: Policy) -> None:
    now = at("2021-08-06 14:02:00")
    assert offset_at(now, Offset(at_once=True), policy.reminders, policy.calendar) == now
    assert offset_at(now, Offset(after=Duration(hours=2)), policy.reminders, policy.calendar) == now + timedelta(
        hours=2
    )


@pytest.mark.parametrize(
    ("instant", "moved"),
    [
        ("2021-08-16 07:59:59", "2021-08-16 08:00:00"),
        ("2021-08-16 08:00:00", "2021-08-16 08:00:00"),
        ("2021-08-16 21:00:00", "2021-08-16 21:00:00"),
        ("2021-08-16 21:00:01", "2021-08-17 08:00:00"),
        ("2021-12-31 23:00:00", "2022-01-01 08:00:00"),
    ],
)
def test_the_window_moves_later_and_never_earlier(instant: str, moved: str) -> None:
    assert into_window(at(instant), WINDOW, INCLUSIVE) == at(moved)


def test_what_the_window_moves_past_its_use_is_too_late() -> None:
    late = at("2021-08-16 22:00:00")
    assert send_at(late, at("2021-08-17 08:00:00"), WINDOW, INCLUSIVE) == at("2021-08-17 08:00:00")
    assert send_at(late, at("2021-08-17 07:59:59"), WINDOW, INCLUSIVE) is None
    assert send_at(late, None, WINDOW, INCLUSIVE) == at("2021-08-17 08:00:00")


@given(DAYS, st.integers(0, 400))
def test_there_and_back_is_the_same_day(day: date, days: int) -> None:
    assert shift(shift(day, Duration(calendar_days=days)), Duration(calendar_days=days), -1) == day


@given(DAYS, st.integers(0, 10))
def test_a_due_day_accepts_each_of_its_seconds_and_no_later_one(day: date, days: int) -> None:
    moment = Moment(anchor="class_start", before=Duration(calendar_days=days))
    due = due_at(moment, {"class_start": day}, INCLUSIVE)
    first = opens_at(moment, {"class_start": day}, INCLUSIVE)
    assert due is not None
    assert first is not None
    assert due - first == timedelta(days=1) - SECOND
    assert accepts(first, due)
    assert accepts(due, due)
    assert not accepts(due + SECOND, due)


@given(st.datetimes(datetime(2021, 1, 1), datetime(2022, 12, 31)), st.integers(0, 72))  # noqa: DTZ001  (the strategy wants bounds without a zone)
def test_a_send_time_is_in_the_window_or_nothing(naive: datetime, hours: int) -> None:
    instant = naive.replace(tzinfo=SHANGHAI)
    latest = instant + timedelta(hours=hours)
    moved = send_at(instant, latest, WINDOW, INCLUSIVE)
    if moved is not None:
        assert instant <= moved
        assert moved.replace(microsecond=0) <= latest
        assert WINDOW.start <= moved.time() <= WINDOW.until
