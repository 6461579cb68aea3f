"""Taking back what was recorded by mistake, and giving back what fell to a ban that was quashed."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.checkin.domain import decide_acceptance
from services.enrolment.classes.domain import Class
from services.enrolment.corrections.domain import Ask, corrected_until, decide_correction, too_late
from services.enrolment.places.domain import (
    Bar,
    Decision,
    Excuse,
    Period,
    Place,
    Refusal,
    Replace,
    Restore,
    Withdraw,
    apply,
    decide_replace,
    decide_restore,
    decide_selection,
    decide_withdraw,
)
from services.enrolment.standing.domain import Course, Room, places_to_restore
from shared.events.enrolment import TraineeDropoutWithdrawn, TraineeSelected
from tests.unit.enrolment.given import NOW, bar, candidate, cell, place, rules
from tests.unit.enrolment.room import at, policy, scheduled
from tests.unit.enrolment.test_course import COMMANDS, EXCUSE, ID, LATER, decide, holds

CLASS = msgspec.structs.replace(scheduled(), class_id="class", status="checkin_closed")
ENDED = msgspec.structs.replace(CLASS, status="ended")
CELL = ("programme", "rural-teacher", "school")


def dropped(cause: str, **changes: Any) -> Place:
    usual = {"class_id": "class", "institution_id": "inst", "institution_path": "/p/inst/", "expected_at": NOW,
             "dropout_at": NOW, "dropout_cause": cause, "checked_in_at": None if cause == "no_show" else NOW}  # fmt: skip
    return msgspec.structs.replace(place(), **usual | changes)


def correct(given_place: Place, klass: Class, *, completed: bool = False) -> tuple[list[str], list[str]]:
    ask = Ask(place_id=ID, statement="statement", completed=completed)
    decision = decide_correction(ask, given_place, klass, LATER)
    return [e.type.split(".")[2] for e in decision.events], [r.code for r in decision.refusals]


@pytest.mark.rule("L02", "L03", "L04")
@pytest.mark.parametrize(
    ("cause", "klass", "completed", "events"),
    [
        ("no_show", CLASS, False, ["dropout_withdrawn", "checked_in"]),
        ("no_show", ENDED, False, ["dropout_withdrawn", "checked_in"]),
        ("no_show", ENDED, True, ["dropout_withdrawn", "checked_in", "completed"]),
        ("no_show", CLASS, True, ["dropout_withdrawn", "checked_in"]),
        ("dismissed", CLASS, False, ["dropout_withdrawn"]),
        ("dismissed", ENDED, True, ["dropout_withdrawn", "completed"]),
        ("not_completed", ENDED, False, ["dropout_withdrawn", "completed"]),
    ],
)
def test_a_correction_says_what_is_true_instead(
    cause: str, klass: Class, *, completed: bool, events: list[str]
) -> None:
    assert correct(dropped(cause), klass, completed=completed) == (events, [])


def test_there_is_nothing_to_correct_where_nothing_was_recorded() -> None:
    assert correct(place(), CLASS) == ([], ["nothing-to-correct"])


def test_corrections_end_thirty_days_after_the_class_with_the_last_second() -> None:
    until = at(10, 9, 23, 59, 59)
    assert corrected_until(CLASS, policy()) == until
    assert too_late(CLASS, policy(), until) is None
    late = too_late(CLASS, policy(), at(10, 10, 0))
    assert late == Refusal("class", "correction-closed", {"until": until})


@pytest.mark.rule("L05")
@pytest.mark.parametrize("cause", ["no_show", "dismissed", "not_completed"])
def test_an_accepted_reason_withdraws_each_kind_of_dropout(cause: str) -> None:
    decision = decide_acceptance(EXCUSE, dropped(cause), policy(), LATER)
    assert [e.type.split(".")[2] for e in decision.events] == ["dropout_withdrawn", "excused"]
    after = dropped(cause)
    for event in decision.events:
        after = apply(after, event)
    assert (after.dropout_cause, after.excused_at, after.over) == (None, LATER, False)
    bare = msgspec.structs.replace(EXCUSE, evidence=[])
    refused = decide_acceptance(bare, dropped(cause), policy(), LATER)
    assert [r.code for r in refused.refusals] == ["evidence-missing"]


class Accept(NamedTuple):
    """The absence is accepted after all, whatever was recorded for it."""

    excuse: Excuse


WITHDRAW = Withdraw(place_id=ID, why="attendance_corrected")
RESTORE = Restore(place_id=ID, entry_id="entry")
REPLACE = Replace(place_id=ID, substitute_place_id="substitute", closes_at=LATER)
TOO_LATE = msgspec.structs.replace(REPLACE, closes_at=NOW)
ACCEPT = Accept(EXCUSE)
UNDOES: dict[type, Callable[[Any, dict[str, Place]], Decision]] = {
    Withdraw: lambda c, p: decide_withdraw([c], p, LATER),
    Restore: lambda c, p: decide_restore([c], p, LATER),
    Replace: lambda c, p: decide_replace([c], p, LATER),
    Accept: lambda c, p: decide_acceptance(c.excuse, p[ID], policy(), LATER),
}


@pytest.mark.rule("L05", "L13")
@given(st.lists(st.sampled_from([*COMMANDS, WITHDRAW, RESTORE, REPLACE, TOO_LATE, ACCEPT]), max_size=30))
def test_taking_back_breaks_nothing_that_is_counted(commands: Sequence[Any]) -> None:
    places = {ID: place()}
    for command in commands:
        before = places[ID]
        for event in UNDOES.get(type(command), decide)(command, places).events:
            places[ID] = apply(places[ID], event)
        holds(places[ID])
        if command is ACCEPT and before.dropout_cause:
            assert (places[ID].dropout_cause, places[ID].excused_at) == (None, LATER)
        if before.replaced_by:
            assert places[ID] == before, "whoever gave the place to another has nothing more of it"
        elif places[ID].replaced_by:
            assert command is REPLACE
            assert (before.checked_in_at, before.expected_at, before.over) == (None, None, False)


CORRECT = Ask(place_id=ID, statement="statement", completed=False)
CORRECT_WITH_COMPLETION = msgspec.structs.replace(CORRECT, completed=True)
ASKS = [CORRECT, CORRECT_WITH_COMPLETION]


@pytest.mark.rule("L02", "L03", "L04")
@given(st.sampled_from([CLASS, ENDED]), st.lists(st.sampled_from([*COMMANDS, *ASKS]), max_size=30))
def test_corrections_between_all_commands_leave_no_dropout_and_repeat_nothing(klass: Class, order: list[Any]) -> None:
    held = place()
    for command in order:
        if not isinstance(command, Ask):
            events = decide(command, {ID: held}).events
        else:
            events = decide_correction(command, held, klass, LATER).events
            assert bool(events) == (held.dropout_at is not None), "there is something to correct or there is not"
        for event in events:
            held = apply(held, event)
        holds(held)
        if isinstance(command, Ask):
            assert held.dropout_at is None
            assert not decide_correction(command, held, klass, LATER).events, "asking again changes nothing"


def fallen(i: int = 0, **changes: Any) -> Place:
    return msgspec.structs.replace(place(i), revoked_at=NOW, revoked_by="entry", **changes)


def restored(*places: Place, bars: Sequence[Bar] = (), **changes: Any) -> tuple[list[str], list[str]]:
    usual: dict[str, Any] = {"left": {CELL: 1}, "held": set(), "away": {}, "courses": {},
                             "starts": {p.place_id: date(2021, 8, 20) for p in places}}  # fmt: skip
    back, refused = places_to_restore("entry", places, bars, Room(**usual | changes))
    return [c.place_id for c in back], [r.code for r in refused]


def test_a_place_comes_back_where_there_is_room() -> None:
    assert restored(fallen()) == (["place-0"], [])
    assert restored(fallen(0), fallen(1)) == (["place-0"], ["quota-used-up"])
    assert restored(fallen(), left={}) == ([], ["quota-used-up"])
    assert restored(msgspec.structs.replace(fallen(), revoked_by="another")) == ([], [])


def course(*, joinable: bool = True) -> dict[str, Course]:
    return {"class": Course(Period(date(2021, 8, 20), date(2021, 9, 3)), joinable)}


@pytest.mark.rule("L10")
def test_a_place_does_not_come_back_against_the_rules_that_gave_it() -> None:
    inside = fallen(class_id="class")
    assert restored(inside, courses=course()) == (["place-0"], [])
    assert restored(inside, courses=course(joinable=False)) == ([], ["checkin-closed"])
    busy = {"person-0": [Period(date(2021, 9, 3), date(2021, 9, 5))]}
    assert restored(inside, courses=course(), away=busy) == ([], ["dates-overlap"])
    again = {("person-0", "programme", "rural-teacher")}
    assert restored(inside, courses=course(), held=again) == ([], ["already-selected"])
    other = bar("person-0", date(2021, 8, 1), date(2024, 8, 2))
    assert restored(fallen(), bars=[other]) == ([], ["banned"])
    assert restored(fallen(), bars=[bar("person-1", date(2021, 8, 1), date(2024, 8, 2))]) == (["place-0"], [])


def test_a_dropout_is_withdrawn_once() -> None:
    places = {ID: dropped("no_show")}
    both = decide_withdraw([WITHDRAW, WITHDRAW], places, LATER)
    assert ([e.type for e in both.events], [r.code for r in both.refusals]) == (
        ["training.trainee.dropout_withdrawn.v1"], ["nothing-to-correct"])  # fmt: skip
    assert isinstance(both.events[0], TraineeDropoutWithdrawn)
    assert isinstance(both.events[0].withdrawn_at, datetime)


@pytest.mark.rule("L07", "L12")
def test_a_waived_ban_lets_somebody_in_for_that_year_and_shows_in_the_quality_of_selection() -> None:
    span = (date(2021, 8, 1), date(2024, 8, 2))
    waived = bar("person-0", *span, waived=["henan-2021"])
    decision = decide_selection([candidate(0, bars=[waived])], cell(1), rules(), {}, NOW)
    (event,) = decision.events
    assert isinstance(event, TraineeSelected)
    assert (event.overridden, event.met_every_condition) == (["ban"], False)
    other = bar("person-0", *span, waived=["henan-2022"])
    assert [r.code for r in decide_selection([candidate(0, bars=[other])], cell(1), rules(), {}, NOW).refusals] == [
        "banned"
    ]
    both = decide_selection([candidate(0, bars=[waived, other])], cell(1), rules(), {}, NOW)
    assert [r.code for r in both.refusals] == ["banned"]
