from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.facts.domain import ClassRow, PlaceRow, apply
from shared.events import Event
from shared.events import enrolment as e
from shared.events.base import Names

NOW = datetime(2021, 8, 27, 10, tzinfo=UTC)
ON = NOW.date()
STREAM: list[Event | None] = [
    e.TraineeSelected(place_id="p", person_id="x", programme_id="g", policy_key="henan-2021", project="rural",
                      cohort="rural-teacher", cohort_kind="trainee", plan_level="province", forms=["in_person"],
                      unit_id="u", unit_path="/r/u/", selected_at=NOW, met_every_condition=True),
    e.TraineeRegistered(place_id="p", person_id="x", registered_at=NOW),
    e.TraineeAssigned(place_id="p", person_id="x", class_id="c", institution_id="i", institution_path="/r/i/"),
    None,
    e.TraineeCheckedIn(place_id="p", person_id="x", class_id="c", checked_in_at=NOW, method="qr"),
    e.TraineeExpected(place_id="p", person_id="x", class_id="c", closed_at=NOW),
    e.TraineeCompleted(place_id="p", person_id="x", class_id="c", completed_at=NOW),
]  # fmt: skip


def fold(upto: int) -> PlaceRow:
    row = PlaceRow("p")
    for version, event in enumerate(STREAM[:upto], start=1):
        row = apply(row, event, version)
    return row


@given(st.lists(st.integers(1, len(STREAM)), max_size=30))
def test_repeated_events_change_nothing(again: list[int]) -> None:
    row, reached = PlaceRow("p"), 0
    for version in sorted(again, key=lambda v: (v, again.index(v))):
        for missing in range(reached + 1, version + 1):
            row = apply(row, STREAM[missing - 1], missing)
        reached = max(reached, version)
        row = apply(row, STREAM[version - 1], version)
    assert row == fold(reached)


def test_the_whole_way_of_a_place() -> None:
    row = fold(len(STREAM))
    assert (row.version, row.class_id, row.institution_id, row.cohort) == (7, "c", "i", "rural-teacher")
    assert row.registered_at == row.checked_in_at == row.expected_at == row.completed_at == NOW
    assert row.excused_at is None
    assert row.revoked_at is None
    assert row.dropout is None


def test_an_unknown_event_moves_the_version_alone() -> None:
    assert fold(4) == apply(fold(3), None, 4)
    assert fold(4).version == 4


def test_a_class_follows_its_dates_and_its_end() -> None:
    row = ClassRow("c")
    given_names = Names("一班", "One")
    events = [
        e.ClassScheduled(class_id="c", programme_id="g", policy_key="henan-2021", project="rural", cohort="rural-teacher",
                         plan_level="province", forms=["in_person"], institution_id="i", institution_path="/r/i/",
                         name=given_names, period=1, theme="t", address="a", starts_on=ON, ends_on=ON,
                         checkin_opens_at=NOW, checkin_closes_at=NOW, date_version=1),
        e.ClassCheckinClosed(class_id="c", closed_at=NOW, held=True, expected=20, checked_in=18),
        e.ClassCancelled(class_id="c", cause="weather", cancelled_at=NOW, date_version=2),
    ]  # fmt: skip
    for version, event in enumerate(events, start=1):
        row = apply(row, event, version)
    assert (row.name_zh, row.name_en, row.starts_on, row.closed_at, row.cancelled_at) == ("一班", "One", ON, NOW, NOW)


def test_what_is_taken_back_is_as_if_it_had_not_been() -> None:
    of: dict[str, Any] = {"place_id": "p", "person_id": "x"}
    dropped = e.TraineeDropoutRecorded(
        **of, class_id="c", cause="no_show", programme_id="g", policy_key="henan-2021", project="rural",
        cohort="rural-teacher", cohort_kind="trainee", plan_level="province", forms=["in_person"], unit_id="u",
        unit_path="/r/u/", institution_id="i", institution_path="/r/i/", occurred_at=NOW)  # fmt: skip
    withdrawn = e.TraineeDropoutWithdrawn(
        **of, class_id="c", cause="no_show", why="attendance_corrected", withdrawn_at=NOW
    )
    row = apply(apply(fold(4), dropped, 5), withdrawn, 6)
    assert (row.dropout, row.version) == (None, 6)
    fallen = apply(row, e.TraineeRevoked(**of, entry_id="b", revoked_at=NOW), 7)
    assert fallen.revoked_at == NOW
    assert apply(fallen, e.TraineeRestored(**of, entry_id="b", restored_at=NOW), 8).revoked_at is None
