from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.blacklist.entries.domain.calendar import bars, last_second, ranges
from shared.events.blacklist import BanRange
from shared.policy.moments import ban_days
from tests.unit.blacklist.given import ban_rule

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))


def three_years_later(start: date) -> date:
    """Reference: walk back from the same day number until the month has it."""
    number = start.day
    while number > monthrange(start.year + 3, start.month)[1]:
        number -= 1
    return date(start.year + 3, start.month, number)


@pytest.mark.rule("L08")
@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2021, 11, 30), date(2024, 11, 30)),
        (date(2021, 9, 28), date(2024, 9, 28)),
        (date(2021, 2, 28), date(2024, 2, 28)),
    ],
)
def test_the_last_blocked_day_is_the_same_date_three_years_later(start: date, last: date) -> None:
    assert ban_days(start, ban_rule()) == (start, last + timedelta(days=1))


def test_every_start_day_agrees_with_the_reference() -> None:
    day, rule = date(2020, 1, 1), ban_rule()
    while day <= date(2060, 12, 31):
        assert ban_days(day, rule) == (day, three_years_later(day) + timedelta(days=1)), day
        day += timedelta(days=1)


def test_a_counted_first_day_ends_one_day_earlier_and_an_unblocked_one_starts_later() -> None:
    start = date(2021, 9, 28)
    assert ban_days(start, ban_rule(start_day={"blocked": False, "counted": True})) == (
        date(2021, 9, 29),
        date(2024, 9, 28),
    )


@pytest.mark.rule("L06")
def test_the_rule_of_2021_bars_provincial_in_person_classes_only() -> None:
    barred = ranges(ban_rule(), {}, date(2021, 9, 28))
    on = date(2022, 7, 1)
    assert barred == [BanRange(["province"], ["in_person"], date(2021, 9, 28), date(2024, 9, 29), "absolute")]
    assert bars(barred, "province", ["in_person", "online"], on)
    assert not bars(barred, "province", ["online"], on)
    assert not bars(barred, "national", ["in_person"], on)
    assert not bars(barred, "county", ["in_person"], on)


@pytest.mark.rule("L07")
def test_the_rule_of_2022_bars_national_and_provincial_plans_in_any_form() -> None:
    rule = ban_rule(
        scope={"plan_levels": ["national", "province"], "forms": "all"},
        force="in_principle",
        override={"by": "410000", "reason": "required", "evidence": ["unit_statement"]},
    )
    (barred,) = ranges(rule, {}, date(2022, 10, 1))
    assert (barred.plan_levels, barred.forms, barred.force) == (["national", "province"], [], "in_principle")
    assert bars([barred], "national", ["online"], date(2023, 1, 1)) is barred
    assert bars([barred], "city", ["in_person"], date(2023, 1, 1)) is None


@given(start=DAYS, offset=st.integers(-3, 1200))
def test_bars_is_half_open(start: date, offset: int) -> None:
    (barred,) = ranges(ban_rule(), {}, start)
    on = start + timedelta(days=offset)
    expected = start <= on <= three_years_later(start)
    assert (bars([barred], "province", ["in_person"], on) is not None) is expected


@given(start=DAYS, later=st.integers(0, 1500))
def test_a_start_before_the_confirmation_blocks_from_the_confirmation_on(start: date, later: int) -> None:
    confirmed = start + timedelta(days=later)
    rule = ban_rule(start={"anchor": "checkin_closed"})
    (barred,) = ranges(rule, {"checkin_closed": start, "class_end": None}, confirmed)
    assert barred.starts_on == confirmed
    assert barred.ends_before == three_years_later(start) + timedelta(days=1)
    with pytest.raises(KeyError, match="class_end"):
        ranges(ban_rule(start={"anchor": "class_end"}), {"class_end": None}, confirmed)


@pytest.mark.rule("L10")
@pytest.mark.parametrize("told", [datetime(2021, 9, 2, 1, 0, tzinfo=UTC), datetime(2021, 9, 1, 16, 0, tzinfo=UTC)])
def test_the_reply_window_ends_with_the_fifteenth_day_in_shanghai(told: datetime) -> None:
    until = last_second(told, ban_rule().reply_window, "Asia/Shanghai")
    assert until.isoformat() == "2021-09-17T23:59:59+08:00"
