"""The entry is a function of what is known: any order, any repetition, the same one entry."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.blacklist.entries.domain.case import Case, Entry, Notice, entry_id
from services.blacklist.entries.domain.settling import evolve, open_entry, settle
from shared.events.blacklist import BanEvent, BanEvidenced, BanNotified, BanProposed, BanQuashed
from tests.unit.blacklist.given import HAPPENED, HELD, case, dropout, notice, rule

ENTRY = entry_id("place", "no_show")
NEXT: dict[str | None, set[type[BanEvent]]] = {
    None: {BanProposed},
    "proposed": {BanEvidenced, BanNotified, BanQuashed},
    "notified": {BanEvidenced, BanQuashed},
    "quashed": set(),
}


def told(**changes: object) -> Notice:
    return notice(event_id="told-of-ban", kind="ban-proposed", proof=True, entry_id=ENTRY,
                  delivered_at=HAPPENED + timedelta(days=1), **changes)  # fmt: skip


PARTS = {
    "rule": lambda c: msgspec.structs.replace(c, rule=rule()),
    "course": lambda c: msgspec.structs.replace(c, course=HELD),
    "notice": lambda c: msgspec.structs.replace(c, notices=(*c.notices, notice())),
    "expected": lambda c: msgspec.structs.replace(c, expected=True),
    "told": lambda c: msgspec.structs.replace(c, notices=(*c.notices, told())),
    "excused": lambda c: msgspec.structs.replace(c, dropout=dropout(withdrawn="reason_accepted")),
    "cancelled": lambda c: msgspec.structs.replace(c, course=msgspec.structs.replace(c.course or HELD, cancelled=True)),
    "replaced": lambda c: msgspec.structs.replace(c, replaced=True),
}


class Machine:
    """Feeds parts to a case and keeps every event; each is checked against the legal next ones."""

    def __init__(self) -> None:
        self.case = Case(dropout())
        self.events: list[BanEvent] = []

    def feed(self, part: str, now: datetime) -> None:
        if part == "course" and self.case.course is not None:
            return
        self.case = PARTS[part](self.case)
        for event in settle(self.case, now):
            state = self.case.entry.state if self.case.entry else None
            assert type(event) in NEXT[state]
            entry = open_entry(self.case, event) if isinstance(event, BanProposed) else self._evolved(event)
            self.case = msgspec.structs.replace(self.case, entry=entry)
            self.events.append(event)

    def _evolved(self, event: BanEvent) -> Entry:
        assert self.case.entry is not None
        return evolve(self.case.entry, event, self.case.entry.version + 1)


@pytest.mark.rule("L09")
@given(st.lists(st.sampled_from(sorted(PARTS)), max_size=24))
def test_any_sequence_of_facts_leaves_at_most_one_entry_in_a_legal_state(parts: list[str]) -> None:
    machine = Machine()
    for index, part in enumerate(parts):
        machine.feed(part, HAPPENED + timedelta(hours=index))
        assert settle(machine.case, HAPPENED) == []
    assert sum(isinstance(e, BanProposed) for e in machine.events) <= 1
    assert {e.entry_id for e in machine.events} <= {ENTRY}
    assert machine.case.entry is None or machine.case.entry.version == len(machine.events)


@given(st.permutations(["rule", "course", "notice", "expected", "told"]))
def test_the_order_of_the_streams_does_not_matter(order: list[str]) -> None:
    machine = Machine()
    for index, part in enumerate(order):
        machine.feed(part, HAPPENED + timedelta(hours=index))
    entry = machine.case.entry
    assert entry is not None
    assert (entry.state, entry.complete) == ("notified", True)
    assert [(e.kind, e.reference) for e in entry.evidence] == [
        ("notice_delivered", "told"),
        ("class_held_as_announced", "closed"),
    ]


@given(st.permutations(["rule", "course", "notice", "expected"]), st.sampled_from(["excused", "cancelled", "replaced"]))
def test_what_undoes_a_dropout_leaves_no_open_entry(order: list[str], undo: str) -> None:
    for at in range(len(order) + 1):
        machine = Machine()
        for part in [*order[:at], undo, *order[at:]]:
            machine.feed(part, HAPPENED)
        assert machine.case.entry is None or machine.case.entry.state == "quashed"


@pytest.mark.rule("L02")
def test_a_no_show_is_proposed_with_what_is_missing() -> None:
    (event,) = settle(case(notices=()), HAPPENED)
    assert isinstance(event, BanProposed)
    assert (event.cause, event.rule_key, event.rule_version, event.complete) == ("no_show", "ban-2021", 1, False)
    assert [(e.kind, e.present) for e in event.evidence] == [
        ("notice_delivered", False),
        ("class_held_as_announced", True),
    ]


@pytest.mark.parametrize(("cause", "fact"), [("no_show", "closed_event"), ("not_completed", "ended_event")])
def test_nothing_is_proposed_before_the_class_has_told_what_raises_it(cause: str, fact: str) -> None:
    """Read once more, the topics come in another order; the entry's stream must say the same."""
    known = case(dropout=dropout(cause=cause))
    for course in (None, msgspec.structs.replace(HELD, **{fact: None})):
        assert settle(msgspec.structs.replace(known, course=course), HAPPENED) == []
    assert len(settle(known, HAPPENED)) == 1


def test_nobody_who_was_never_expected_is_proposed() -> None:
    assert settle(case(expected=False), HAPPENED) == []


@pytest.mark.rule("L13")
@pytest.mark.parametrize("kind", ["participant", "mentor"])
def test_only_trainees_are_proposed(kind: str) -> None:
    assert settle(case(dropout=dropout(cohort_kind=kind)), HAPPENED) == []
    assert settle(case(replaced=True), HAPPENED) == []
    assert settle(case(course=msgspec.structs.replace(HELD, cancelled=True)), HAPPENED) == []


def test_a_no_show_of_an_online_class_is_no_cause() -> None:
    assert settle(case(dropout=dropout(forms=("online",))), HAPPENED) == []


@pytest.mark.rule("L03", "L04")
@pytest.mark.parametrize(
    ("cause", "kind", "reference"),
    [("dismissed", "institution_statement", "dropped"), ("not_completed", "closing_record", "ended")],
)
def test_each_cause_has_its_own_evidence(cause: str, kind: str, reference: str) -> None:
    (event,) = settle(case(dropout=dropout(cause=cause), notices=()), HAPPENED)
    assert isinstance(event, BanProposed)
    assert [(e.kind, e.present, e.reference) for e in event.evidence] == [(kind, True, reference)]
    assert event.complete


@pytest.mark.parametrize(
    "late",
    [
        notice(delivered_at=HAPPENED + timedelta(seconds=1)),
        notice(proof=False),
        notice(date_version=1),
        notice(about_class=None),
        notice(entry_id=ENTRY),
    ],
)
def test_a_notice_proves_only_in_time_with_proof_and_about_the_date_that_held(late: Notice) -> None:
    (event,) = settle(case(notices=(late,)), HAPPENED)
    assert isinstance(event, BanProposed)
    assert not event.complete


def test_proof_of_an_older_notice_counts_when_word_of_the_new_date_arrived_too() -> None:
    old, moved = notice(date_version=1), notice(event_id="moved", proof=False, date_version=2)
    (event,) = settle(case(notices=(old, moved)), HAPPENED)
    assert isinstance(event, BanProposed)
    assert event.complete


def test_the_person_is_told_once_and_by_a_message_of_the_right_kind() -> None:
    other = notice(event_id="other", kind="receipt", entry_id=ENTRY)
    (proposed,) = settle(case(notices=(notice(), other)), HAPPENED)
    assert isinstance(proposed, BanProposed)
    events = settle(case(notices=(notice(), other, told(), told())), HAPPENED)
    assert [type(e) for e in events] == [BanProposed, BanNotified]
