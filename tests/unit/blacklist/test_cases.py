"""What a reader of a case is shown."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.blacklist.cases.domain import checks, last_day, stage, steps
from services.blacklist.entries.domain.calendar import day
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Refused, confirm, quash
from services.blacklist.entries.domain.settling import evolve
from tests.unit.blacklist.given import HAPPENED, rule
from tests.unit.blacklist.test_deciding import UNTIL, by, entry

AFTER = UNTIL + timedelta(seconds=1)


def test_a_case_stands_where_its_next_step_is() -> None:
    told = entry()
    untold = msgspec.structs.replace(told, state="proposed", notified_at=None, reply_until=None)
    assert stage(entry(complete=False), 0, AFTER) == "evidence"
    assert stage(untold, 0, AFTER) == "notice"
    assert (stage(told, 0, UNTIL), stage(told, 0, AFTER), stage(told, 1, AFTER)) == ("reply", "decision", "second")
    (banned,) = confirm(told, [by("li")], by("wang"), {})
    decided = evolve(told, banned, 3)
    last = datetime.fromisoformat("2024-09-13T23:59:59+08:00")
    assert (stage(decided, 2, last), stage(decided, 2, last + timedelta(seconds=1))) == ("in_force", "expired")
    (void,) = quash(decided, "不成立", AFTER)
    assert stage(evolve(decided, void, 4), 2, AFTER) == "quashed"


def test_the_last_day_is_the_decided_one_or_the_one_of_a_decision_today() -> None:
    told = entry()
    today = last_day(told, {}, datetime.fromisoformat("2021-09-28T10:00:00+08:00"))
    assert today == datetime.fromisoformat("2024-09-28").date()
    (banned,) = confirm(told, [by("li")], by("wang"), {})
    assert (
        last_day(evolve(told, banned, 3), {}, AFTER + timedelta(days=99)) == datetime.fromisoformat("2024-09-13").date()
    )
    anchored = msgspec.structs.replace(told, rule=rule(start={"anchor": "class_end"}))
    assert last_day(anchored, {"class_end": None}, AFTER) is None


@pytest.mark.parametrize(("now", "open_lines"), [(UNTIL, 1), (AFTER, 0)])
def test_every_line_of_the_evidence_list_is_there_before_a_confirmation(now: datetime, open_lines: int) -> None:
    lines = checks(entry(), {"expected": 20}, now)
    assert [c.title for c in lines] == [
        "evidence.listed", "evidence.notice_delivered.title", "evidence.class_held_as_announced.title",
        "evidence.no_reason", "evidence.told"]  # fmt: skip
    assert sum(c.ok is not True for c in lines) == open_lines
    missing = checks(entry(complete=False), {}, AFTER)
    assert [c.hint for c in missing if c.ok is False] == ["evidence.notice_delivered.none"]


def test_the_way_ends_with_what_is_waited_for() -> None:
    facts = [
        {"fact": "no_show", "occurred_at": HAPPENED},
        {"fact": "selected", "occurred_at": HAPPENED - timedelta(days=30)},
    ]
    before = steps(entry(), facts, UNTIL)
    assert [(s.what, s.state) for s in before] == [
        ("selected", "ok"), ("no_show", "late"), ("proposed", "ok"), ("told", "ok"), ("waits", "now"), ("window", "todo")]  # fmt: skip
    assert [(s.what, s.state) for s in steps(entry(), facts, AFTER)][-2:] == [("window", "ok"), ("waits", "now")]


WAY = ("evidence", "notice", "reply", "decision", "second", "in_force", "expired")
UNTOLD = msgspec.structs.replace(entry(), state="proposed", notified_at=None, reply_until=None)
CONFIRMED = evolve(entry(), confirm(entry(), [by("li")], by("wang"), {})[0], 3)
open_entries = st.sampled_from([entry(), entry(complete=False), UNTOLD])
minutes = st.integers(-60 * 24 * 20, 60 * 24 * 1500).map(lambda n: UNTIL + timedelta(minutes=n))
edges = st.integers(-2, 2).map(lambda n: UNTIL + timedelta(seconds=n))


@given(open_entries | st.just(CONFIRMED), st.integers(0, 1), minutes | edges, minutes | edges)
def test_time_alone_never_takes_a_case_back(told: Entry, confirmations: int, one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert WAY.index(stage(told, confirmations, earlier)) <= WAY.index(stage(told, confirmations, later))


@given(open_entries, minutes | edges)
def test_the_page_promises_a_decision_exactly_when_one_can_be_made(told: Entry, now: datetime) -> None:
    """The stage, the list of evidence and the command itself agree, to the second."""
    try:
        confirm(told, [], by("li", now), {})
        possible = True
    except Refused:
        possible = False
    assert (stage(told, 0, now) == "decision") == possible
    assert all(c.ok for c in checks(told, {}, now)) == possible


@given(minutes)
def test_a_ban_is_in_force_until_its_last_day_is_over(now: datetime) -> None:
    last = last_day(CONFIRMED, {}, now)
    assert last is not None
    assert (stage(CONFIRMED, 2, now) == "in_force") == (day(now, CONFIRMED.rule.timezone) <= last)


@given(open_entries | st.just(CONFIRMED), st.lists(minutes, max_size=5), minutes | edges)
def test_the_way_is_in_order_and_loses_nothing(told: Entry, moments: list[datetime], now: datetime) -> None:
    facts = [{"fact": "selected", "occurred_at": at} for at in moments]
    shown = steps(told, facts, now)
    waits = [i for i, s in enumerate(shown) if s.state == "now"]
    assert len(waits) == (told.state != "confirmed")
    past = shown[: waits[0]] if waits else shown
    assert [s.at for s in past] == sorted(s.at for s in past)
    assert [s.what for s in past].count("selected") == len(facts)
    assert all(s.state == "todo" and s.at >= now for s in shown[len(past) + 1 :])
