from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.enrolment.classes.domain import (
    Class,
    Move,
    apply,
    dates_of,
    decide_cancel,
    decide_close,
    decide_end,
    decide_move,
    decide_open,
    decide_schedule,
    missing_staff,
    resolve,
    schedule_mistakes,
    window,
)
from services.enrolment.places.domain import Refusal
from shared.events.enrolment import ClassEvent, ClassOpened, ClassRescheduled, ClassScheduled
from shared.policy.common import Moment
from shared.policy.dates import Deadline, Extension
from tests.unit.enrolment.room import STAFF, START, at, policy, schedule, scheduled


def code(outcome: object) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.code


def step(klass: Class, outcome: ClassEvent | Refusal) -> Class:
    assert not isinstance(outcome, Refusal), outcome
    return apply(klass, outcome)


def opened(**changes: Any) -> Class:
    klass = scheduled(**changes)
    return step(klass, decide_open(klass, policy(), STAFF, at(8, 6)))


@pytest.mark.rule("C01")
@pytest.mark.parametrize("themes", [[], ["一", "二"], ["  "], ["一", ""]])
def test_a_class_has_exactly_one_theme(themes: list[str]) -> None:
    assert policy().classes.themes.count == 1
    assert code(decide_schedule(schedule(themes=themes), policy(), at(8, 2))) == "one-theme"
    event = decide_schedule(schedule(themes=["一"]), policy(), at(8, 2))
    assert isinstance(event, ClassScheduled)
    assert event.theme == "一"


@pytest.mark.rule("K21")
def test_a_rural_class_holds_its_fifteen_days() -> None:
    assert code(decide_schedule(schedule(ends_on=date(2021, 9, 8)), policy(), at(8, 2))) == "class-too-short"
    event = decide_schedule(schedule(ends_on=date(2021, 9, 9)), policy(), at(8, 2))
    assert isinstance(event, ClassScheduled)
    assert (event.ends_on - event.starts_on).days + 1 == 15
    assert event.forms == ["in_person", "online"]
    assert event.plan_level == "province"


def test_every_mistake_of_a_schedule_is_said_at_once() -> None:
    bad = schedule(date(2021, 8, 1), date(2021, 8, 2), themes=[])
    assert [r.code for r in schedule_mistakes(bad, policy(), at(8, 2))] == [
        "class-before-today",
        "class-too-short",
        "one-theme",
    ]


@pytest.mark.rule("A08", "A09")
def test_a_class_opens_with_its_chief_expert_and_both_class_teachers() -> None:
    klass = scheduled()
    for role in STAFF:
        rest = {r: n for r, n in STAFF.items() if r != role}
        refusal = decide_open(klass, policy(), rest, at(8, 6))
        assert isinstance(refusal, Refusal)
        assert (refusal.code, refusal.vars) == (
            "staff-missing",
            {"roles": [policy().terms.called("staff_roles", role)]},
        )
        assert [r.role for r in missing_staff(policy(), rest)] == [role]
    assert isinstance(decide_open(klass, policy(), STAFF, at(8, 6)), ClassOpened)


@pytest.mark.rule("D17")
def test_the_opening_carries_place_and_dates() -> None:
    event = decide_open(scheduled(), policy(), STAFF, at(8, 6))
    assert isinstance(event, ClassOpened)
    assert (event.starts_on, event.ends_on, event.address) == (START, date(2021, 9, 9), "示例师大东校区")
    assert (event.opened_at, event.date_version) == (at(8, 6), 1)


def test_the_check_in_window_is_the_policys_and_no_wider() -> None:
    assert window(policy(), START) == (at(8, 26, 8), at(8, 27, 18))
    wide = resolve(policy(), START, date(2021, 9, 9), at(8, 26, 7, 59), at(8, 27, 18))
    assert code(decide_schedule(schedule(dates=wide), policy(), at(8, 2))) == "checkin-window-out-of-bounds"
    narrow = resolve(policy(), START, date(2021, 9, 9), at(8, 26, 8), at(8, 26, 18))
    assert isinstance(decide_schedule(schedule(dates=narrow), policy(), at(8, 2)), ClassScheduled)


@pytest.mark.rule("D16", "D20", "C09")
def test_a_moved_class_gets_the_next_version_of_its_dates() -> None:
    klass = opened(starts_on=date(2021, 8, 23))
    event = decide_move(klass, Move(cause="public_health", starts_on=START), policy(), 0, at(8, 17, 10))
    assert isinstance(event, ClassRescheduled)
    assert (event.previous_starts_on, event.starts_on, event.ends_on) == (date(2021, 8, 23), START, date(2021, 9, 9))
    assert (event.checkin_opens_at, event.checkin_closes_at) == (at(8, 26, 8), at(8, 27, 18))
    assert (event.date_version, event.cause) == (2, "public_health")
    moved = apply(klass, event)
    assert (moved.previous_starts_on, moved.status) == (date(2021, 8, 23), "open")


@pytest.mark.parametrize(
    ("move", "arrived", "why"),
    [
        (Move(cause="weather", starts_on=date(2021, 8, 28)), 0, "cause-unknown"),
        (Move(cause="institution", starts_on=date(2021, 8, 16)), 0, "class-before-today"),
        (Move(cause="institution", starts_on=START), 0, "nothing-changes"),
        (Move(cause="institution"), 0, "nothing-changes"),
        (Move(cause="institution", starts_on=date(2021, 8, 28), ends_on=date(2021, 9, 1)), 0, "class-too-short"),
        (Move(cause="institution", starts_on=date(2021, 8, 28)), 1, "class-has-begun"),
    ],
)
def test_a_move_is_refused_with_its_reason(move: Move, arrived: int, why: str) -> None:
    assert code(decide_move(opened(), move, policy(), arrived, at(8, 17, 10))) == why


def test_a_new_place_alone_is_a_new_announcement_too() -> None:
    klass = opened()
    event = decide_move(klass, Move(cause="institution", address="西校区"), policy(), 0, at(8, 17))
    assert isinstance(event, ClassRescheduled)
    assert (event.starts_on, event.address, event.date_version) == (klass.starts_on, "西校区", 2)


@pytest.mark.rule("D09")
def test_a_class_ends_by_the_last_day_or_with_a_reason() -> None:
    finish = Deadline(key="finish-due", act="finish_class", owed_by="institution", due=Moment(date=date(2022, 12, 31)),
                      late="override", extension=Extension(by="410100", reason="required"))  # fmt: skip
    rules = msgspec.structs.replace(
        policy(),
        deadlines=(*policy().deadlines, finish),
        classes=msgspec.structs.replace(policy().classes, end_by="finish-due"),
    )
    now, on_time = at(11, 1, year=2022), schedule(date(2022, 12, 1), date(2022, 12, 31))
    assert isinstance(decide_schedule(on_time, rules, now), ClassScheduled)
    late = schedule(date(2022, 12, 1), date(2023, 1, 1))
    assert code(decide_schedule(late, rules, now)) == "class-ends-late"
    assert code(decide_schedule(msgspec.structs.replace(late, extension=" "), rules, now)) == "class-ends-late"
    assert isinstance(decide_schedule(msgspec.structs.replace(late, extension="封控"), rules, now), ClassScheduled)


def test_check_in_closes_no_sooner_than_its_window() -> None:
    klass = opened()
    assert code(decide_close(klass, (20, 18), at(8, 27, 17, 59, 59))) == "checkin-still-open"
    closed = step(klass, decide_close(klass, (20, 18), at(8, 27, 18)))
    assert closed.status == "checkin_closed"
    assert code(decide_close(closed, (20, 18), at(8, 27, 19))) == "class-not-open"
    assert code(decide_cancel(closed, "institution", policy(), 0, at(8, 28))) == "class-is-closed"


@pytest.mark.parametrize(("came", "said", "held"), [(18, True, True), (18, False, False), (0, True, False)])
def test_a_class_was_held_when_its_institution_says_so_and_somebody_came(came: int, said: bool, held: bool) -> None:
    event = decide_close(opened(), (20, came), at(8, 27, 18), held=said)
    assert not isinstance(event, Refusal)
    assert (event.held, event.expected, event.checked_in) == (held, 20, came)


def test_a_class_ends_after_its_last_day_with_everyone_decided() -> None:
    klass = opened()
    closed = step(klass, decide_close(klass, (20, 18), at(8, 27, 18)))
    assert code(decide_end(klass, policy(), 0, at(9, 10))) == "checkin-not-closed"
    assert code(decide_end(closed, policy(), 0, at(9, 9, 23, 59, 59))) == "class-not-over"
    assert code(decide_end(closed, policy(), 1, at(9, 10))) == "completion-undecided"
    assert step(closed, decide_end(closed, policy(), 0, at(9, 10, 0))).status == "ended"


@settings(deadline=None)
@given(days=st.integers(-30, 200), length=st.integers(0, 40))
def test_whatever_is_scheduled_keeps_every_bound(days: int, length: int) -> None:
    starts_on = START + timedelta(days=days)
    ask = schedule(starts_on, starts_on + timedelta(days=length))
    event = decide_schedule(ask, policy(), at(8, 26))
    fits = days >= 0 and length >= 14
    assert isinstance(event, ClassScheduled) == fits
    assert bool(schedule_mistakes(ask, policy(), at(8, 26))) != fits


class ClassCourse(RuleBasedStateMachine):
    """Any order of commands, repeated or not: versions have no gap, dates stay sound, what is over stays over."""

    def __init__(self) -> None:
        super().__init__()
        self.now = at(8, 2)
        self.klass = scheduled()
        self.history: list[ClassEvent] = []

    def take(self, outcome: ClassEvent | Refusal) -> None:
        if isinstance(outcome, Refusal):
            return
        before, self.klass = self.klass, apply(self.klass, outcome)
        assert before.status not in {"ended", "cancelled"}
        assert self.klass.version == before.version + 1
        moved = isinstance(outcome, ClassRescheduled)
        assert self.klass.date_version == before.date_version + int(moved or self.klass.status == "cancelled")
        assert moved or dates_of(self.klass) == dates_of(before)
        self.history.append(outcome)

    @rule(hours=st.integers(0, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(staffed=st.booleans())
    def open(self, staffed: bool) -> None:
        self.take(decide_open(self.klass, policy(), STAFF if staffed else {}, self.now))

    @rule(
        by=st.integers(-20, 40), cause=st.sampled_from(["institution", "nonsense"]), arrived=st.sampled_from([0, 0, 3])
    )
    def move(self, by: int, cause: str, arrived: int) -> None:
        to = self.klass.starts_on + timedelta(days=by)
        self.take(decide_move(self.klass, Move(cause=cause, starts_on=to), policy(), arrived, self.now))

    @rule(arrived=st.sampled_from([0, 2]))
    def cancel(self, arrived: int) -> None:
        self.take(decide_cancel(self.klass, "too_few", policy(), arrived, self.now))

    @rule(came=st.integers(0, 20))
    def close(self, came: int) -> None:
        self.take(decide_close(self.klass, (20, came), self.now))

    @precondition(lambda self: self.klass.status == "checkin_closed")
    @rule(undecided=st.sampled_from([0, 1]))
    def end(self, undecided: int) -> None:
        self.take(decide_end(self.klass, policy(), undecided, self.now))

    @invariant()
    def dates_are_sound(self) -> None:
        opens, closes = window(policy(), self.klass.starts_on)
        assert opens <= self.klass.checkin_opens_at < self.klass.checkin_closes_at <= closes
        assert (self.klass.ends_on - self.klass.starts_on).days >= 14
        assert self.klass.version == 1 + len(self.history)


TestClassCourse = ClassCourse.TestCase
TestClassCourse.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
