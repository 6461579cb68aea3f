"""The way of a place: whatever is asked, however often and in whatever order, what was counted stays true."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.places.domain import (
    Assign,
    CheckIn,
    Complete,
    Decision,
    DropOut,
    Excuse,
    Expect,
    Place,
    Register,
    Revoke,
    apply,
    decide_assign,
    decide_check_in,
    decide_complete,
    decide_drop_out,
    decide_excuse,
    decide_expect,
    decide_register,
    decide_revoke,
)
from shared.events.enrolment import TraineeCheckedIn, TraineeRegistered
from tests.unit.enrolment.given import NOW, place
from tests.unit.enrolment.room import policy

OPENS, CLOSES = NOW + timedelta(days=35), NOW + timedelta(days=36)
LATER = NOW + timedelta(days=35, hours=3)
ID = "place-0"


DECIDES: dict[type, Callable[[Any, dict[str, Place], datetime], Decision]] = {
    Register: lambda c, p, now: decide_register([c], p, now),
    Assign: lambda c, p, _: decide_assign([c], p),
    CheckIn: lambda c, p, now: decide_check_in([c], p, now),
    Excuse: lambda c, p, now: decide_excuse([c], p, policy(), now),
    Expect: lambda c, p, now: decide_expect([c], p, now),
    DropOut: lambda c, p, now: decide_drop_out([c], p, now),
    Complete: lambda c, p, now: decide_complete([c], p, now),
    Revoke: lambda c, p, now: decide_revoke([c], p, now),
}


def decide(command: Any, places: dict[str, Place]) -> Decision:
    return DECIDES[type(command)](command, places, LATER)


def play(commands: Sequence[Any]) -> tuple[Place, list[str]]:
    places, codes = {ID: place()}, []
    for command in commands:
        decision = decide(command, places)
        assert len(decision.events) + len(decision.refusals) == 1
        for event in decision.events:
            places[ID] = apply(places[ID], event)
        codes += [r.code for r in decision.refusals]
    return places[ID], codes


REGISTER = Register(place_id=ID)
ASSIGN = Assign(place_id=ID, class_id="class", institution_id="inst", institution_path="/p/inst/")
OTHER = Assign(place_id=ID, class_id="other", institution_id="inst", institution_path="/p/inst/")
CHECK_IN = CheckIn(place_id=ID, class_id="class", method="qr", opens_at=OPENS, closes_at=CLOSES)
EXCUSE = Excuse(place_id=ID, reason="illness", evidence=["medical_certificate"], accepted_by="city")
EXPECT = Expect(place_id=ID, class_id="class")
NO_SHOW, DISMISS = DropOut(place_id=ID, cause="no_show"), DropOut(place_id=ID, cause="dismissed")
NOT_COMPLETED, COMPLETE = DropOut(place_id=ID, cause="not_completed"), Complete(place_id=ID)
REVOKE = Revoke(place_id=ID, entry_id="entry")
COMMANDS = [REGISTER, ASSIGN, OTHER, CHECK_IN, EXCUSE, EXPECT, NO_SHOW, DISMISS, NOT_COMPLETED, COMPLETE, REVOKE]


def holds(p: Place) -> None:
    ends = [p.completed_at, p.dropout_at, p.revoked_at]
    assert sum(e is not None for e in ends) <= 1
    assert p.expected_at is None or p.class_id is not None
    assert p.checked_in_at is None or p.class_id == "class"
    if p.completed_at:
        assert p.expected_at
        assert p.checked_in_at
    if p.dropout_at:
        assert p.expected_at
        assert p.excused_at is None
        assert (p.dropout_cause == "no_show") == (p.checked_in_at is None)


@given(st.lists(st.sampled_from(COMMANDS), max_size=25))
@settings(max_examples=400)
def test_no_order_of_commands_breaks_what_is_counted(commands: list[Any]) -> None:
    places, versions = {ID: place()}, [1]
    for command in commands:
        before = places[ID]
        decision = decide(command, places)
        for event in decision.events:
            places[ID] = apply(places[ID], event)
            versions.append(places[ID].version)
        holds(places[ID])
        if before.over:
            assert places[ID] == before
    assert versions == list(range(1, len(versions) + 1))


@given(st.permutations(COMMANDS), st.sampled_from(range(len(COMMANDS))))
def test_a_command_that_had_an_effect_has_none_the_second_time(commands: list[Any], at: int) -> None:
    once, _ = play(commands[: at + 1])
    twice, codes = play([*commands[: at + 1], commands[at]])
    assert once == twice
    assert codes


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_a_list_is_decided_as_one_command_after_the_other(commands: list[Any]) -> None:
    registrations = [c for c in commands if isinstance(c, Register)]
    decision = decide_register(registrations, {ID: place()}, NOW)
    assert len(decision.events) == min(1, len(registrations))
    assert len(decision.refusals) == max(0, len(registrations) - 1)


@pytest.mark.rule("C10")
def test_registering_is_not_checking_in() -> None:
    registered, _ = play([REGISTER])
    assert registered.registered_at == LATER
    assert registered.checked_in_at is None
    arrived, _ = play([ASSIGN, CHECK_IN])
    assert arrived.checked_in_at == LATER
    assert arrived.registered_at is None


def test_registration_ends_with_its_window_and_the_last_second_counts() -> None:
    command = Register(place_id=ID, closes_at=NOW)
    assert isinstance(decide_register([command], {ID: place()}, NOW).events[0], TraineeRegistered)
    late = decide_register([command], {ID: place()}, NOW + timedelta(seconds=1))
    assert late.refusals[0].code == "registration-closed"


@pytest.mark.parametrize("now", [OPENS, CLOSES])
def test_the_check_in_window_includes_both_ends(now: datetime) -> None:
    assigned, _ = play([ASSIGN])
    decision = decide_check_in([CHECK_IN], {ID: assigned}, now)
    assert isinstance(decision.events[0], TraineeCheckedIn)


@pytest.mark.parametrize(
    ("now", "code"),
    [(OPENS - timedelta(seconds=1), "checkin-not-open"), (CLOSES + timedelta(seconds=1), "checkin-closed")],
)
def test_outside_the_window_nobody_checks_in(now: datetime, code: str) -> None:
    assigned, _ = play([ASSIGN])
    assert decide_check_in([CHECK_IN], {ID: assigned}, now).refusals[0].code == code


def test_the_code_of_another_class_is_refused() -> None:
    assert play([OTHER, CHECK_IN])[1] == ["other-class"]


def test_a_place_leaves_its_class_only_for_the_successor_of_a_cancelled_one() -> None:
    successor = Assign(place_id=ID, class_id="new", institution_id="i", institution_path="/p/i/", replaces="class")
    assert play([ASSIGN, OTHER])[1] == ["already-assigned"]
    assert play([ASSIGN, successor])[0].class_id == "new"
    assert play([ASSIGN, CHECK_IN, successor])[1] == ["already-assigned"]


@pytest.mark.rule("L02", "L05")
def test_a_no_show_is_recorded_only_of_the_expected_and_never_of_the_excused() -> None:
    assert play([ASSIGN, NO_SHOW])[1] == ["not-expected"]
    assert play([ASSIGN, EXPECT, NO_SHOW])[0].dropout_cause == "no_show"
    assert play([ASSIGN, CHECK_IN, EXPECT, NO_SHOW])[1] == ["already-checked-in"]
    excused, codes = play([ASSIGN, EXCUSE, EXPECT, NO_SHOW])
    assert codes == ["already-excused"]
    assert excused.dropout_at is None
    assert excused.excuse_reason == "illness"


def test_an_absence_is_accepted_only_for_a_reason_of_the_policy_with_its_evidence() -> None:
    other = Excuse(place_id=ID, reason="holiday", evidence=[], accepted_by="city")
    bare = Excuse(place_id=ID, reason="illness", evidence=[], accepted_by="city")
    assert play([ASSIGN, other])[1] == ["reason-not-accepted"]
    assert play([ASSIGN, bare])[1] == ["evidence-missing"]


def test_nobody_completes_who_did_not_check_in() -> None:
    assert play([ASSIGN, EXPECT, COMPLETE])[1] == ["not-checked-in"]
    assert play([ASSIGN, CHECK_IN, EXPECT, COMPLETE])[0].completed_at == LATER


def test_a_ban_takes_an_open_place_and_leaves_history_alone() -> None:
    assert play([REVOKE])[0].revoked_by == "entry"
    completed, codes = play([ASSIGN, CHECK_IN, EXPECT, COMPLETE, REVOKE])
    assert codes == ["place-completed"]
    assert completed.revoked_at is None
