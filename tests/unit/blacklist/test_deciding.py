from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
import pytest

from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Confirmation, Refused, confirm, reply
from services.blacklist.entries.domain.settling import evolve, open_entry, settle
from shared.events.blacklist import BanConfirmed, BanProposed
from tests.unit.blacklist.given import HAPPENED, case, rule
from tests.unit.blacklist.test_settling import told

UNTIL = datetime.fromisoformat("2021-09-12T23:59:59+08:00")


def entry(*, persons: int = 2, complete: bool = True, **changes: object) -> Entry:
    ban = {"by": "410000", "persons": persons, "offices": ["a", "b"], "not_before": "reply_ends", "reason": "required"}
    notices = (*(case().notices if complete else ()), told())
    given_case = case(rule=rule(confirmation=ban, **changes), notices=notices)
    made: Entry | None = None
    for event in settle(given_case, HAPPENED):
        if isinstance(event, BanProposed):
            made = open_entry(given_case, event)
        else:
            assert made is not None
            made = evolve(made, event, made.version + 1)
    assert made is not None
    return made


def by(who: str, at: datetime = UNTIL + timedelta(seconds=1), words: str = "说明") -> Confirmation:
    return Confirmation(who, words, at)


def refused(work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


@pytest.mark.rule("L09", "L10")
def test_two_persons_confirm_after_the_reply_window() -> None:
    told_entry = entry()
    assert told_entry.reply_until == UNTIL
    assert confirm(told_entry, [], by("li"), {}) == []
    (event,) = confirm(told_entry, [by("li")], by("wang"), {})
    assert isinstance(event, BanConfirmed)
    assert event.decided_by == ["li", "wang"]
    assert (event.ranges[0].starts_on, event.ranges[0].ends_before) == (date(2021, 9, 13), date(2024, 9, 14))


def test_a_confirmation_in_the_window_is_refused_with_its_end() -> None:
    no = refused(lambda: confirm(entry(), [], by("li", UNTIL), {}))
    assert (no.code, no.details) == ("reply-window-open", {"until": UNTIL})


def test_a_confirmation_without_evidence_names_what_is_missing() -> None:
    no = refused(lambda: confirm(entry(complete=False), [], by("li"), {}))
    assert (no.code, no.details) == ("evidence-missing", {"missing": ["notice_delivered"]})


def test_the_second_person_is_another_one_and_gives_a_reason() -> None:
    assert refused(lambda: confirm(entry(), [by("li")], by("li"), {})).code == "same-person"
    assert refused(lambda: confirm(entry(), [by("li")], by("wang", words=" "), {})).code == "words-missing"


@pytest.mark.rule("L11")
def test_an_entry_keeps_the_rule_that_made_it() -> None:
    (event,) = confirm(entry(persons=1), [], by("li"), {})
    assert isinstance(event, BanConfirmed)
    assert (event.rule_key, event.rule_version) == ("ban-2021", 1)
    stored = msgspec.json.decode(msgspec.json.encode(entry(persons=1)), type=Entry)
    assert confirm(stored, [], by("li"), {}) == [event]


def test_a_reply_is_taken_once_until_the_last_second() -> None:
    (event,) = reply(entry(), "暴雨", UNTIL)
    replied = evolve(entry(), event, 9)
    assert replied.replied_at == UNTIL
    assert refused(lambda: reply(replied, "再说", UNTIL)).code == "already-replied"
    assert refused(lambda: reply(entry(), "暴雨", UNTIL + timedelta(seconds=1))).code == "reply-closed"
    assert refused(lambda: reply(entry(), "", UNTIL)).code == "words-missing"
