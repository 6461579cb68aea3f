"""Blacklist computes the ranges, enrolment compares dates with them by itself: the two agree on every question."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.blacklist.entries.domain.calendar import bars, ranges
from services.enrolment.places.domain.bans import Bar, blocking
from shared.events.blacklist import BanRange
from tests.unit.blacklist.given import ban_rule

LEVELS, FORMS = ("national", "province", "city"), ("in_person", "online", "studio")
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
SCOPES = st.one_of(st.just("all"), st.lists(st.sampled_from(FORMS), min_size=1, unique=True))


@st.composite
def confirmed(draw: st.DrawFn) -> BanRange:
    scope = {"plan_levels": draw(st.lists(st.sampled_from(LEVELS), min_size=1, unique=True)), "forms": draw(SCOPES)}
    (made,) = ranges(ban_rule(scope=scope), {}, draw(DAYS))
    return made


@pytest.mark.rule("L12")
@given(st.lists(confirmed(), max_size=4), st.sampled_from(LEVELS), st.lists(st.sampled_from(FORMS), min_size=1, unique=True),
       DAYS, st.integers(0, 3), st.sampled_from([None, -1, 0, 1]))  # fmt: skip
def test_the_look_up_and_enrolments_own_check_give_the_same_answer(
    given_ranges: list[BanRange], level: str, forms: list[str], day: date, which: int, near: int | None
) -> None:
    on = day
    if near is not None and which < len(given_ranges):
        on = given_ranges[which].ends_before + timedelta(days=near)
    projected = [Bar(entry_id=str(i), person_id="p", plan_levels=r.plan_levels, forms=r.forms, starts_on=r.starts_on,
                     ends_before=r.ends_before) for i, r in enumerate(given_ranges)]  # fmt: skip
    here, there = bars(given_ranges, level, forms, on), blocking(projected, level, forms, on)
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert here.ends_before == there.ends_before
