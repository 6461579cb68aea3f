from datetime import date, datetime, time
from typing import Any

import pytest

from services.notify.facts.domain import EntryFact
from services.notify.planning.domain import cell_case, desired, document_case, entry_case, place_case
from tests.unit.notify.given import (
    SCHOOL,
    UNITS,
    ZONE,
    Ledger,
    at,
    case_of,
    cell,
    document,
    klass,
    moved,
    place,
    policy,
    programme,
    wanted,
)


@pytest.mark.rule("D17", "Q03")
def test_an_open_class_reminds_each_trainee_7_3_and_1_days_before_at_nine() -> None:
    rows = wanted(case_of(klass(), [place()]), "before-class")
    assert [(r.key.occurrence, r.due_at) for r in rows] == [
        ("before-7d", at(8, 16)),
        ("before-3d", at(8, 20)),
        ("before-1d", at(8, 22)),
    ]
    assert {r.latest_useful for r in rows} == {at(8, 23, 12)}
    assert {(r.key.recipient_id, r.announced) for r in rows} == {("t0", date(2021, 8, 23))}


@pytest.mark.rule("D17", "D16", "D20")
def test_opening_tells_trainee_school_and_county_at_once() -> None:
    rows = wanted(case_of(klass(), [place(0), place(1)]), "class-opened", "sms")
    assert sorted(r.key.recipient_id for r in rows) == ["s", "t0", "t1", "x"]
    assert {r.due_at for r in rows} == {at(8, 6)}
    assert {r.key.recipient_id for r in rows if r.proof} == {"s", "t0", "t1", "x"}


def test_nobody_is_reminded_of_a_class_that_is_not_open() -> None:
    case = case_of(klass(opened_at=None, opened_version=None), [place()])
    assert {r.key.kind for r in wanted(case)} == {"checkin-notice-due", "timetable-due"}


@pytest.mark.rule("D04")
def test_the_check_in_notice_is_asked_for_5_and_1_days_before_it_is_due_and_a_day_after() -> None:
    early = klass(scheduled_at=at(7, 25), opened_at=None)
    rows = [r for r in wanted(case_of(early, []), "checkin-notice-due") if r.key.recipient_id == "i"]
    assert [r.due_at for r in rows] == [at(8, 8), at(8, 12), at(8, 14)]
    assert {r.announced for r in rows} == {date(2021, 8, 13)}
    handed_in = case_of(early, [], handed_in=[document("checkin-notice", at(8, 5))])
    assert {(r.state, r.reason) for r in wanted(handed_in, "checkin-notice-due")} == {
        ("not_needed", "document_received")
    }


@pytest.mark.rule("D04")
def test_a_notice_that_stays_out_goes_up_to_the_office_two_days_after() -> None:
    rows = wanted(case_of(klass(opened_at=None), []), "checkin-notice-due")
    assert [(r.key.recipient_kind, r.due_at) for r in rows if r.key.recipient_id == "project-office"] == [
        ("office", at(8, 15))
    ]


@pytest.mark.rule("D06")
def test_a_document_is_acknowledged_to_the_institution_and_copied_to_the_office() -> None:
    rows = wanted(document_case(document("checkin-notice", at(8, 5, 11)), programme()), "receipt")
    assert {(r.key.recipient_id, r.due_at) for r in rows} == {("i", at(8, 5, 11)), ("project-office", at(8, 5, 11))}


@pytest.mark.rule("C09")
def test_a_moved_class_withdraws_the_old_date_and_tells_those_who_knew_it() -> None:
    ledger = Ledger()
    ledger.plan(case_of(klass(), [place(0), place(1)]), at(8, 6))
    ledger.send(at(8, 17, 9))
    ledger.plan(case_of(moved(), [place(0), place(1)], *ledger.rows.values()), at(8, 17, 10))
    old = [r for r in ledger.rows.values() if r.kind == "before-class" and r.version == 1]
    assert {r.state for r in old if r.due_at > at(8, 17, 9)} == {"withdrawn"}
    told = [r for r in ledger.rows.values() if r.kind == "class-changed" and r.state == "planned"]
    assert {r.recipient_id for r in told} == {"t0", "t1", "s", "x"}
    assert {(r.previous, r.announced) for r in told} == {(date(2021, 8, 23), date(2021, 8, 26))}
    fresh = [r for r in ledger.rows.values() if r.kind == "before-class" and r.version == 2]
    assert min(r.due_at for r in fresh) == at(8, 19)


def test_who_was_told_nothing_of_the_old_date_gets_the_new_one_as_if_there_had_been_no_other() -> None:
    ledger = Ledger()
    ledger.plan(case_of(klass(), [place(0)]), at(8, 6))
    rows = wanted(case_of(moved(), [place(0)], *ledger.rows.values()))
    opened = [r for r in rows if r.key.kind == "class-opened" and r.key.recipient_id == "t0"]
    assert [(r.key.version, r.due_at) for r in opened] == [(2, at(8, 17, 10))]
    assert not [r for r in rows if r.key.kind == "class-changed" and r.key.recipient_id == "t0"]


def test_moved_twice_names_the_date_that_each_one_knows() -> None:
    ledger = Ledger()
    ledger.plan(case_of(klass(), [place(0)]), at(8, 6))
    ledger.send(at(8, 6))
    ledger.plan(case_of(moved(), [place(0), place(1)], *ledger.rows.values()), at(8, 17, 10))
    again = moved(date_version=3, starts_on=date(2021, 8, 30), rescheduled_at=at(8, 17, 10))
    rows = wanted(case_of(again, [place(0), place(1)], *ledger.rows.values()), "class-changed")
    assert {r.key.recipient_id: r.previous for r in rows}["t0"] == date(2021, 8, 23)
    assert "t1" not in {r.key.recipient_id for r in rows}


def test_a_cancelled_class_withdraws_its_reminders_and_tells_those_who_knew() -> None:
    ledger = Ledger()
    ledger.plan(case_of(klass(), [place(0)]), at(8, 6))
    ledger.send(at(8, 16))
    gone = klass(cancelled_at=at(8, 18), date_version=2)
    ledger.plan(case_of(gone, [place(0)], *ledger.rows.values()), at(8, 18))
    assert {s for v, s in ledger.states("before-class") if v == 1} == {"accepted", "withdrawn"}
    told = [r for r in ledger.rows.values() if r.template == "cancelled-person"]
    assert {(r.recipient_id, r.previous, r.announced) for r in told} == {("t0", date(2021, 8, 23), None)}


def test_who_checked_in_needs_no_reminder_and_who_left_gets_none() -> None:
    here, gone = place(0, checked_in_at=at(8, 20)), place(1, revoked_at=at(8, 20))
    ledger = Ledger()
    ledger.plan(case_of(klass(), [place(0), place(1)]), at(8, 6))
    ledger.plan(case_of(klass(), [here, gone], *ledger.rows.values()), at(8, 20))
    states = {(r.recipient_id, r.state) for r in ledger.rows.values() if r.kind == "before-class"}
    assert states == {("t0", "not_needed"), ("t1", "withdrawn")}


def test_a_selection_tells_the_person_at_once_and_the_school_once_an_hour() -> None:
    rows = wanted(place_case(place(selected_at=at(7, 20, 9, 20)), None, UNITS), "selected")
    assert {(r.key.recipient_id, r.due_at) for r in rows} == {("t0", at(7, 20, 9, 20)), ("s", at(7, 20, 10))}


@pytest.mark.rule("D13", "D07")
def test_a_deadline_known_after_its_first_reminders_sends_exactly_one_now() -> None:
    rows = [r for r in wanted(cell_case(cell(since=at(7, 28, 15)), UNITS, programme())) if r.key.recipient_id == "s"]
    planned = [(r.key.occurrence, r.due_at) for r in rows if r.state == "planned"]
    assert planned == [("before-3d", at(7, 28, 15)), ("before-1d", at(7, 29)), ("before-0d", at(7, 30))]
    merged = [r for r in rows if r.state == "merged"]
    assert [(r.key.occurrence, r.reason) for r in merged] == [("before-7d", "past_when_known")]
    assert merged[0].merged_into == next(r.key.message_id for r in rows if r.key.occurrence == "before-3d")


@pytest.mark.rule("D14")
def test_the_six_days_of_2022_leave_one_reminder_now_and_three_in_time() -> None:
    year = policy("zhengzhou-2022")
    signed = datetime.combine(year.sources.documents[0].signed or date.min, time(15), ZONE)
    case = cell_case(cell(since=signed), UNITS, programme(published_at=signed, policy=year))
    rows = [r for r in desired(case, year) if (r.key.recipient_id, r.key.channel) == ("s", "email")]
    assert [(r.key.occurrence, r.due_at.month, r.due_at.day) for r in sorted(rows, key=lambda r: r.due_at)] == [
        ("before-7d", 8, 25),
        ("before-3d", 8, 28),
        ("before-1d", 8, 30),
        ("before-0d", 8, 31),
    ]
    assert [r.due_at for r in rows if r.nature == "now"] == [signed]
    assert {r.state for r in rows} == {"planned"}


@pytest.mark.rule("D13")
def test_the_now_reminder_is_none_when_the_next_one_goes_out_within_the_hour() -> None:
    rows = [r for r in wanted(cell_case(cell(since=at(7, 29, 8, 30)), UNITS, programme())) if r.key.recipient_id == "s"]
    assert [r.key.occurrence for r in rows if r.state == "planned"] == ["before-1d", "before-0d"]


@pytest.mark.rule("Q04")
def test_a_filled_quota_needs_no_reminder_and_the_next_level_hears_of_a_gap() -> None:
    assert {r.state for r in wanted(cell_case(cell(20, 20), UNITS, programme()))} == {"not_needed"}
    rows = wanted(cell_case(cell(20, 19), UNITS, programme()), "selection")
    assert {r.key.recipient_id for r in rows if r.due_at == at(7, 29)} == {"s", "x"}


def test_a_message_leaves_neither_the_window_nor_its_use() -> None:
    late = klass(opened_at=at(8, 22, 22))
    rows = wanted(case_of(late, [place()]), "class-opened")
    assert {r.due_at for r in rows} == {at(8, 23, 8)}
    too_late = case_of(klass(opened_at=at(8, 23, 22)), [place()])
    assert {(r.state, r.reason) for r in wanted(too_late, "class-opened")} == {("too_late", "past_latest_useful")}


def entry(**changes: Any) -> EntryFact:
    plain: dict[str, Any] = {"entry_id": "e", "person_id": "t0", "place_id": "p0", "class_id": "c", "policy_key": "henan-2021", "unit_id": "s",
             "unit_path": SCHOOL, "proposed_at": at(8, 27, 19), "reply_until": None, "replied_at": None, "confirmed_at": None,
             "quashed_at": None}  # fmt: skip
    return EntryFact(**{**plain, **changes})


@pytest.mark.rule("L09", "L10")
def test_a_proposed_ban_is_told_at_once_with_proof_and_its_decision_once() -> None:
    ledger = Ledger()
    ledger.plan(entry_case(entry(), UNITS, [], programme()), at(8, 27, 19))
    told = [r for r in ledger.rows.values() if r.template == "proposed-person" and r.kind == "ban-proposed"]
    assert {r.due_at for r in told} == {at(8, 27, 19), at(8, 28, 19)}
    ledger.send(at(8, 27, 19))
    decided = entry(reply_until=at(9, 11, 23), confirmed_at=at(9, 28))
    ledger.plan(entry_case(decided, UNITS, list(ledger.rows.values()), programme()), at(9, 28))
    assert {s for _, s in ledger.states("ban-proposed")} == {"accepted", "withdrawn"}
    outcome = [r for r in ledger.rows.values() if r.kind == "ban-outcome"]
    assert {(r.recipient_id, r.version) for r in outcome} == {("t0", 2), ("s", 2)}


def plan(ledger: Ledger, fact: EntryFact, now: datetime) -> None:
    ledger.plan(entry_case(fact, UNITS, list(ledger.rows.values()), programme()), now)


def outcome(ledger: Ledger, template: str) -> set[str]:
    return {r.recipient_id for r in ledger.rows.values() if r.template.startswith(template) and r.state != "withdrawn"}


@pytest.mark.rule("L10")
def test_of_a_quashed_entry_hears_who_had_heard_of_it_and_nobody_else() -> None:
    untold, told = Ledger(), Ledger()
    for ledger in (untold, told):
        plan(ledger, entry(), at(8, 27, 19))
    told.send(at(8, 27, 19))
    for ledger in (untold, told):
        plan(ledger, entry(quashed_at=at(8, 27, 20)), at(8, 27, 20))
    assert (outcome(untold, "quashed"), outcome(untold, "proposed")) == (set(), set())
    assert outcome(told, "quashed") == {"t0", "s"}


@pytest.mark.rule("L10")
def test_an_appeal_reminds_the_decider_until_it_is_decided() -> None:
    ledger, decided = Ledger(), {"confirmed_at": at(9, 28), "reply_until": at(9, 11, 23)}
    appealed = {**decided, "appealed_at": at(10, 5), "decide_by": at(11, 4, 23, 59)}
    plan(ledger, entry(**appealed), at(10, 5))
    asked = [r for r in ledger.rows.values() if r.kind == "ban-decider" and r.due_at.time() == time(9)]
    due = {(r.recipient_id, r.announced, r.due_at.date()) for r in asked}
    last = date(2021, 11, 4)
    assert {("h", last, d) for d in (date(2021, 10, 25), date(2021, 11, 1), last)} <= due
    assert {recipient for recipient, _, _ in due} == {"h"}
    ledger.send(at(10, 25, 10))
    plan(ledger, entry(**appealed, upheld_at=at(10, 26)), at(10, 26))
    states = {s for _, s in ledger.states("ban-decider")}
    assert states == {"accepted", "not_needed"}
    assert "t0" in outcome(ledger, "upheld")
    assert "h" not in outcome(ledger, "upheld")


def test_a_lifted_ban_is_told_to_the_person_and_to_who_was_told() -> None:
    ledger = Ledger()
    plan(ledger, entry(confirmed_at=at(9, 28), lifted_at=at(10, 28)), at(10, 28))
    assert outcome(ledger, "lifted") == {"t0", "s"}
